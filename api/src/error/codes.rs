//! Every error code of the API, in one list: status, title, what happened, what to do. The list is the source of
//! the pages under `/errors/{code}` and of docs/reference/errors.md. A code, once published, keeps its meaning.

use poem::http::StatusCode;

macro_rules! codes {
    ($($variant:ident = $status:ident $name:literal $title:literal { $what:literal $action:literal })*) => {
        /// A stable error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $what] $variant,)*
        }

        impl Code {
            /// All codes, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it stands in `code` and at the end of `type`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),* }
            }

            /// A few words, the same for every occurrence (RFC 9457 `title`).
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// What happened, in a paragraph.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$variant => $what),* }
            }

            /// What the caller can do.
            pub const fn action(self) -> &'static str {
                match self { $(Self::$variant => $action),* }
            }
        }
    };
}

codes! {
    BadRequest = BAD_REQUEST "bad_request" "Bad request" {
        "The request could not be understood at the level of HTTP."
        "Check the request line and the headers against the OpenAPI document."
    }
    InvalidJson = BAD_REQUEST "invalid_json" "Not valid JSON" {
        "The body is not one JSON text (RFC 8259). `line` and `column` say where reading stopped."
        "Correct the text at that place; nothing was stored."
    }
    InvalidEncoding = BAD_REQUEST "invalid_encoding" "Not valid UTF-8" {
        "The body, or a part of the URL, is not UTF-8."
        "Send UTF-8, without a charset other than utf-8 in Content-Type."
    }
    DuplicateKey = BAD_REQUEST "duplicate_key" "The same member twice" {
        "An object names one member twice. Readers disagree on which one counts, so none is chosen."
        "Remove one of the two; `pointer` names the member."
    }
    NulCharacter = BAD_REQUEST "nul_character" "NUL character" {
        "The request holds U+0000, as a byte or as \\u0000. Databases cannot store it in text."
        "Remove it, or encode binary data as base64."
    }
    NestingTooDeep = BAD_REQUEST "nesting_too_deep" "Nested too deeply" {
        "Arrays and objects are nested deeper than 64 levels."
        "Flatten the data, or send the inner part as a string."
    }
    NumberOutOfRange = BAD_REQUEST "number_out_of_range" "Number out of range" {
        "A number is larger than a double-precision number can be."
        "Send it as a string."
    }
    MissingMember = BAD_REQUEST "missing_member" "A member is missing" {
        "The request's object lacks a required member."
        "Add the member that `pointer` names."
    }
    UnknownMember = BAD_REQUEST "unknown_member" "Unknown member" {
        "The request's object has a member that this operation does not know. It is refused, so that a misspelt option is not ignored."
        "Remove or correct the member that `pointer` names."
    }
    InvalidMember = BAD_REQUEST "invalid_member" "Invalid member" {
        "A member of the request's object has the wrong type, form or length."
        "Correct the member that `pointer` names as `detail` says."
    }
    UnknownParameter = BAD_REQUEST "unknown_parameter" "Unknown parameter" {
        "The query string has a parameter that this operation does not know, or one of them twice."
        "Remove or correct the parameter that `parameter` names."
    }
    InvalidParameter = BAD_REQUEST "invalid_parameter" "Invalid parameter" {
        "A parameter of the query string or path has the wrong form or is out of bounds."
        "Correct the parameter that `parameter` names as `detail` says."
    }
    InvalidHeader = BAD_REQUEST "invalid_header" "Invalid header" {
        "A header has the wrong form or contradicts the body."
        "Correct the header that `header` names as `detail` says."
    }
    InvalidCursor = BAD_REQUEST "invalid_cursor" "Invalid cursor" {
        "The cursor was not made by this listing with these filters."
        "Start again without a cursor, or keep the filters of the first page."
    }
    InvalidEvent = BAD_REQUEST "invalid_event" "Not a CloudEvent" {
        "The request does not hold a CloudEvent 1.0: an attribute is missing or malformed."
        "Send specversion 1.0, id, source and type; `pointer` or `header` names the attribute."
    }
    InvalidSignature = BAD_REQUEST "invalid_signature" "Not signed by its sender" {
        "The message's signature does not fit its bytes and the secrets set here, or was made more than 300 seconds from now. Nothing was stored."
        "Compare the secret of the endpoint with the setting, and the clock of the server with the time; the body must arrive byte for byte as it was sent."
    }
    BillingSuspended = PAYMENT_REQUIRED "billing_suspended" "Suspended until the bill is settled" {
        "A bill of the tenant has been overdue for too long, so nothing new starts. Runs under way go on, and reading, exporting and erasing data stay open."
        "Pay on the page that `billing_url` names; new runs start within seconds of the payment. GET /api/billing/status lists what is owed."
    }
    BudgetExhausted = PAYMENT_REQUIRED "budget_exhausted" "A budget is used up" {
        "A budget of the tenant, of the workflow or of the API key is used up for its period, so nothing new starts under it. What ended runs and sent mails have cost counts; `detail` says how much, `budget_id` names the budget and `resets_at` says when it begins anew."
        "Wait until then (Retry-After), or raise the budget with PATCH /api/v1/budgets/{id}; new runs start within a second."
    }
    Unauthenticated = UNAUTHORIZED "unauthenticated" "No valid API key" {
        "The operation needs an API key, or the token of the person it is about; none was sent, or the one sent is unknown."
        "Send a key as `Authorization: Bearer lvk_...` or `X-Api-Key: lvk_...`, the token of a person as `Authorization: Bearer lvu_...`."
    }
    KeyRevoked = UNAUTHORIZED "key_revoked" "The API key is revoked" {
        "The key was valid once and has been revoked."
        "Use another key of the tenant, or create one."
    }
    UserTokenEnded = UNAUTHORIZED "user_token_ended" "The person's token has ended" {
        "The token was valid once; it has expired or was revoked."
        "Get another from the tenant, who makes one with POST /api/v1/users/{id}/tokens."
    }
    UserToken = FORBIDDEN "user_token" "Not with a person's token" {
        "The operation is the tenant's and needs an API key. A person's token opens only what is that person's own."
        "Use an API key of the tenant, in a server and never in a page."
    }
    UserTokenNeeded = FORBIDDEN "user_token_needed" "Only with the person's own token" {
        "The operation is about the person who calls, and an API key stands for no person."
        "Make a token for the person with POST /api/v1/users/{id}/tokens and send that."
    }
    NamespaceReserved = FORBIDDEN "namespace_reserved" "The namespace is reserved" {
        "Documents of the namespace `levqor` are the installation's own processes. They are started by their operations, with what those have checked."
        "Choose another namespace, or use the operation that starts the process."
    }
    NotFound = NOT_FOUND "not_found" "No such address" {
        "Nothing is served at this path."
        "See /openapi.json or /docs for all paths."
    }
    RunNotFound = NOT_FOUND "run_not_found" "No such run" {
        "There is no run with this id that this key may see. Ended runs are deleted when their retention is over."
        "Check the id and that the key belongs to the tenant which started the run."
    }
    WorkflowNotFound = NOT_FOUND "workflow_not_found" "No such workflow" {
        "There is no workflow document with this namespace, name and version that this key may see."
        "Store it with POST /api/v1/workflows, or list what there is with GET /api/v1/workflows."
    }
    ExportLinkInvalid = FORBIDDEN "export_link_invalid" "The link is not valid" {
        "The token of the link is unknown, was used up, or has expired: a link to confirm is good for 7 days, one to download for 24 hours. Which of these it is, is not told."
        "Check that the link was copied whole, or ask for the data again."
    }
    ExportCodeNeeded = FORBIDDEN "export_code_needed" "No code is in force" {
        "A download needs a code that was issued in the last ten minutes. There is none: it was not asked for, was used, or three wrong tries have burned it."
        "Get one with POST /api/dsar/exports/{id}/code, signed in as the person, and send it with the token."
    }
    ExportCodeWrong = FORBIDDEN "export_code_wrong" "The code is wrong" {
        "The code is not the one that is in force. `detail` says how many tries it has left; wrong tries of all codes are counted together, and fifteen lock the download."
        "Read the code again where it is shown to the person, or get another."
    }
    ExportLocked = FORBIDDEN "export_locked" "The download is locked" {
        "Fifteen wrong codes were sent for this package, so that nobody can download it any more. The person was told by mail."
        "Ask for the data again 24 hours after the request, or ask those who keep it to answer by hand."
    }
    DsarRequestNotFound = NOT_FOUND "data_request_not_found" "No such request for data" {
        "There is no request for a person's data with this id that this key or token may see."
        "List one's own with GET /api/dsar/exports, or a tenant's with GET /api/v1/dsar/requests."
    }
    PolicyNotFound = NOT_FOUND "policy_not_found" "No such rule of retention" {
        "There is no rule of retention for a table of this name."
        "List the rules with GET /api/v1/retention/policies; `table` is the name."
    }
    HoldNotFound = NOT_FOUND "hold_not_found" "No such legal hold" {
        "There is no legal hold with this id that this key may see."
        "List the holds with GET /api/v1/legal-holds?released=true."
    }
    ReportNotFound = NOT_FOUND "report_not_found" "No such report" {
        "There is no report with this id that this key may see, or its time is over and its file deleted."
        "List the reports with GET /api/v1/reports, or order one with POST."
    }
    UserNotFound = NOT_FOUND "user_not_found" "No such person" {
        "There is no person with this id whom this key or token may see."
        "List the people with GET /api/v1/users, or make one with POST /api/v1/users/upsert."
    }
    UserTokenNotFound = NOT_FOUND "user_token_not_found" "No such token" {
        "This person has no token with this id. Tokens that have expired are deleted."
        "Revoke all tokens of a person with DELETE /api/v1/users/{id}/tokens."
    }
    ConsentNotFound = NOT_FOUND "consent_not_found" "No such consent" {
        "There is no consent with this id that this key may see."
        "List the consents with GET /api/v1/consents."
    }
    MailNotFound = NOT_FOUND "mail_not_found" "No such mail" {
        "There is no mail with this id that this key may see, or its time is over."
        "List the mails with GET /api/v1/mails."
    }
    SuppressionNotFound = NOT_FOUND "suppression_not_found" "The address is not suppressed" {
        "Mail goes to this address already, or it was never suppressed in this tenant."
        "Nothing has to be done."
    }
    BillingAccountNotFound = NOT_FOUND "billing_account_not_found" "Nobody pays for the tenant here" {
        "The tenant is linked to no customer of Stripe, so there is nothing to open."
        "Ask the operator of the installation to link the tenant."
    }
    BudgetNotFound = NOT_FOUND "budget_not_found" "No such budget" {
        "There is no budget with this id that this key may see."
        "List the budgets with GET /api/v1/budgets."
    }
    KeyNotFound = NOT_FOUND "key_not_found" "No such key" {
        "There is no API key with this id in this tenant."
        "List the keys with GET /api/v1/keys."
    }
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed" "Method not allowed" {
        "The path exists, but not with this method. The Allow header names those it has."
        "Use one of the methods in Allow."
    }
    RequestTimeout = REQUEST_TIMEOUT "request_timeout" "The request took too long to arrive" {
        "The body did not arrive whole in time."
        "Send it again over a better connection, or in smaller pieces."
    }
    VersionConflict = CONFLICT "version_conflict" "Another document has this version" {
        "A different document is stored under this namespace, name and version. Stored versions never change."
        "Raise document.version and send it again."
    }
    BudgetExists = CONFLICT "budget_exists" "There is such a budget" {
        "The tenant has a budget of this scope, subject and period already."
        "Change it with PATCH /api/v1/budgets/{id}; GET /api/v1/budgets lists them."
    }
    TooManyBudgets = CONFLICT "too_many_budgets" "Too many budgets" {
        "A tenant may have 50 budgets."
        "Delete one that is not needed with DELETE /api/v1/budgets/{id}."
    }
    IdempotencyConflict = CONFLICT "idempotency_conflict" "The idempotency key stands for another request" {
        "The key was used before with a different request; `job_id` is the run it stands for."
        "Use a new key for a new request, or repeat the first request exactly."
    }
    RunEnded = CONFLICT "run_ended" "The run has ended" {
        "The run ended before the request reached it; `state` says how."
        "Read its outcome with GET /api/v1/runs/{id}."
    }
    ExportNotReady = CONFLICT "export_not_ready" "There is nothing to download" {
        "The package is being prepared, or its time is over and it is deleted; `state` of the request says which."
        "Follow the request with GET /api/dsar/exports/{id}, or ask for the data again."
    }
    ExportCodesUsed = CONFLICT "export_codes_used" "Too many codes were asked for" {
        "Twenty codes were issued for this package, and no more are."
        "Ask for the data again 24 hours after the request."
    }
    ExportDownloaded = GONE "export_downloaded" "Downloaded already" {
        "A package is handed out once. A broken transfer can be repeated for an hour, with a new code each time, three times at most; that is over."
        "Ask for the data again 24 hours after the request."
    }
    DsarRequestOver = CONFLICT "data_request_over" "The request is over" {
        "The request was answered, refused or given up, so its clock and its outcome are fixed."
        "Read its state with GET /api/v1/dsar/requests/{id}."
    }
    DsarClock = CONFLICT "data_request_clock" "The clock stands already, or does not stand" {
        "A clock that stands cannot be stopped, and one that runs cannot be let run."
        "Read `paused` of the request with GET /api/v1/dsar/requests/{id}."
    }
    DsarNotExtendable = CONFLICT "data_request_not_extendable" "The request cannot be extended" {
        "The law lets a request be extended once, and only while its first month is not over (GDPR article 12(3))."
        "Answer it by its due date."
    }
    PeriodFixed = CONFLICT "period_fixed" "The period is fixed" {
        "A tenant has no choice how long rows of this table are kept: they serve one purpose and go when it is over."
        "Leave it; GET /api/v1/retention/policies shows where `least_days` and `most_days` leave a choice."
    }
    ReportNotReady = CONFLICT "report_not_ready" "The report is not ready" {
        "The report is ordered and being written."
        "Ask for its state with GET /api/v1/reports/{id}, and for the file once it is ready."
    }
    SenderMissing = CONFLICT "sender_missing" "Nobody sends this mail yet" {
        "A marketing mail must say who sends it and where the sender can be written to by post; this tenant has not said."
        "Say so with PUT /api/v1/marketing/sender, then send again."
    }
    MailNotFailed = CONFLICT "mail_not_failed" "The mail has not failed" {
        "Only a mail that was given up can be tried again; `detail` says what became of this one."
        "Read why in its `reason`: a refused mail needs consent, a suppressed one an address that takes mail."
    }
    BodyTooLarge = PAYLOAD_TOO_LARGE "body_too_large" "The body is too large" {
        "A body may have 512 KiB; a batch may have 8 MiB, and each of its items 512 KiB."
        "Send less at once; keep large data elsewhere and send a reference to it."
    }
    PayloadTooLarge = PAYLOAD_TOO_LARGE "payload_too_large" "The payload is too large" {
        "The payload of a run, or the data of an event, may have 200 KiB as it was sent."
        "Keep large data elsewhere and send a reference to it."
    }
    TooManyItems = PAYLOAD_TOO_LARGE "too_many_items" "Too many items" {
        "A batch of runs may have 1,000 items, a batch of events 100. Nothing of the batch was accepted."
        "Split the batch."
    }
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "Unsupported media type" {
        "The body's Content-Type (or Content-Encoding) is not one this operation reads."
        "Send one of the types that `detail` names, uncompressed and in UTF-8."
    }
    InvalidDocument = UNPROCESSABLE_ENTITY "invalid_document" "The workflow document is not valid" {
        "The document breaks the rules of the language, or uses a construct that this version does not run. `errors` lists every problem with its pointer, line and column."
        "Correct all of them and send the document again; nothing was stored."
    }
    InvalidInput = UNPROCESSABLE_ENTITY "invalid_input" "The payload does not fit the workflow's input schema" {
        "The workflow declares a JSON Schema for its input and the payload breaks it. `errors` lists where."
        "Correct the payload; GET /api/v1/workflows/{namespace}/{name} shows the schema."
    }
    RateLimited = TOO_MANY_REQUESTS "rate_limited" "Too many requests" {
        "The rate of this key's plan, or of callers without a key, is used up for the moment."
        "Wait for the seconds in Retry-After; send many runs in one POST /api/v1/intake/batch."
    }
    Internal = INTERNAL_SERVER_ERROR "internal" "Internal error" {
        "The server made a mistake. It has been logged under the request id in `instance`."
        "Try again; if it stays, report the request id."
    }
    NotConfigured = NOT_IMPLEMENTED "not_configured" "Not configured here" {
        "The operation needs a setting that the operator of this installation has not made, so it cannot be served here. It is no outage: trying again does not help until the setting is made."
        "Ask the operator to make the setting that `detail` names; GET /api/v1/webhook-secret needs `secret_key` (LEVQOR_SECRET_KEY), the same in every process."
    }
    Unavailable = SERVICE_UNAVAILABLE "unavailable" "A part of the service is not available" {
        "The database did not answer, or a write's outcome is unknown."
        "Try again after the seconds in Retry-After, with the same idempotency key."
    }
    Overloaded = SERVICE_UNAVAILABLE "overloaded" "Too much at once" {
        "The server has as much work in hand as it may hold, or as many runs of this priority wait for a worker as may wait. It takes no more before some of it is done."
        "Try again after the seconds in Retry-After, with the same idempotency key; send bulk with the priority `low`, of which far more may wait."
    }
}

impl Code {
    /// The code with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

/// The reference page docs/reference/errors.md, in Markdown.
pub fn reference() -> String {
    let head = "# Error codes\n\nGenerated from api/src/error/codes.rs. Every error is an `application/problem+json` \
        object (RFC 9457) whose `code` is one of these and whose `type` is its page on the server.\n";
    std::iter::once(head.to_owned())
        .chain(Code::ALL.iter().map(|code| section(*code)))
        .collect()
}

fn section(code: Code) -> String {
    let (name, status, title) = (code.name(), code.status().as_u16(), code.title());
    let (what, action) = (code.what(), code.action());
    format!("\n## {name}\n\nStatus {status}: {title}.\n\n{what}\n\nWhat to do: {action}\n")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_snake_case_and_found_again() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(
                code.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{}",
                code.name()
            );
            assert_eq!(Code::from_name(code.name()), Some(*code));
        }
        assert_eq!(Code::from_name("no_such_code"), None);
    }

    #[test]
    fn the_reference_has_a_section_for_every_code() {
        let page = reference();
        for code in Code::ALL {
            assert!(
                page.contains(&format!("\n## {}\n", code.name())),
                "{}",
                code.name()
            );
        }
    }
}
