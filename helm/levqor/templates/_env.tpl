{{/* Of one secret setting {key, ref}. */}}
{{- define "levqor.secretEnv" -}}
- name: LEVQOR_{{ .key | upper }}
  valueFrom:
    secretKeyRef:
      name: {{ .ref.name }}
      key: {{ .ref.key }}
{{- end }}

{{/* Settings that every role reads, and the role's own more. */}}
{{- define "levqor.env" -}}
{{- $values := .root.Values }}
{{- range $key, $value := $values.config }}
- name: LEVQOR_{{ $key | upper }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- range $key, $ref := $values.secrets }}
{{ include "levqor.secretEnv" (dict "key" $key "ref" $ref) }}
{{- end }}
{{- if eq $values.objects.kind "bucket" }}
- name: LEVQOR_OBJECTS
  value: {{ $values.objects.bucket | quote }}
{{- else if eq $values.objects.kind "claim" }}
- name: LEVQOR_OBJECTS
  value: /objects
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- with (index $values .component).extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
