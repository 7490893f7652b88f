# Filters of jq 1.8 that jaq lacks or treats more strictly.
def ltrimstr($start): if isstring and ($start | isstring) and startswith($start) then .[($start | length):] end;
def rtrimstr($end): if isstring and ($end | isstring) and endswith($end) then .[:length - ($end | length)] end;
def toarray: if isarray then . else [.] end;
def IN(stream): . as $value | any(stream; . == $value);
def IN(values; stream): any(values; IN(stream));
def INDEX(stream; key): reduce stream as $row ({}; . + {($row | key | tostring): $row});
def INDEX(key): INDEX(.[]; key);
