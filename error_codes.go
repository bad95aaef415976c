package cometchat

import "strings"

// ErrorCode is the API's name for a failure. The constants are the codes
// documented for the resources this library knows; the API may send others. A
// code is an error itself: errors.Is(err, CodeAlreadyJoined) matches exactly that
// code.
type ErrorCode string

// Error returns the code.
func (c ErrorCode) Error() string { return string(c) }

// Authentication and subscription.
const (
	CodeAuthEmptyAppID        ErrorCode = "AUTH_ERR_EMPTY_APPID"
	CodeAuthInvalidAppID      ErrorCode = "AUTH_ERR_INVALID_APPID"
	CodeAuthEmptyAPIKey       ErrorCode = "AUTH_ERR_EMPTY_APIKEY"
	CodeAuthAPIKeyNotFound    ErrorCode = "AUTH_ERR_APIKEY_NOT_FOUND"
	CodeAuthNoAccess          ErrorCode = "AUTH_ERR_NO_ACCESS"
	CodeAuthEmptyAuthToken    ErrorCode = "AUTH_ERR_EMPTY_AUTH_TOKEN"
	CodeAuthAuthTokenNotFound ErrorCode = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"
	CodePlanRestriction       ErrorCode = "ERR_PLAN_RESTRICTION"
	CodePlanQuotaRestriction  ErrorCode = "ERR_PLAN_QUOTA_RESTRICTION"
	CodeSubscriptionExpired   ErrorCode = "ERR_SUBSCRIPTION_EXPIRED"
)

// Users, auth tokens, API keys and roles.
const (
	CodeUIDNotFound            ErrorCode = "ERR_UID_NOT_FOUND"
	CodeUIDAlreadyExists       ErrorCode = "ERR_UID_ALREADY_EXISTS"
	CodeInvalidUID             ErrorCode = "ERR_INVALID_UID"
	CodeUIDDeleteFailed        ErrorCode = "ERR_UID_DELETE_FAILED"
	CodeBotNotFound            ErrorCode = "ERR_BOT_NOT_FOUND"
	CodeBotAlreadyExists       ErrorCode = "ERR_BOT_ALREADY_EXISTS"
	CodeAuthTokenNotFound      ErrorCode = "ERR_AUTH_TOKEN_NOT_FOUND"
	CodeAuthTokenDeleteFailed  ErrorCode = "ERR_AUTH_TOKEN_DELETE_FAILED"
	CodeAuthTokensDeleteFailed ErrorCode = "ERR_AUTH_TOKENS_DELETE_FAILED"
	CodeAuthTokenUnavailable   ErrorCode = "ERR_AUTHTOKEN_UNAVAILABLE"
	CodeAuthTokenNotAccessible ErrorCode = "ERR_AUTHTOKEN_NOT_ACCESSIBLE"
	CodeAPIKeyNotFound         ErrorCode = "ERR_APIKEY_NOT_FOUND"
	CodeAPIKeyNoSelfAction     ErrorCode = "ERR_APIKEY_NO_SELF_ACTION"
	CodeRoleNotFound           ErrorCode = "ERR_ROLE_NOT_FOUND"
	CodeRoleDeleteFailed       ErrorCode = "ERR_ROLE_DELETE_FAILED"
	CodeRoleDeleteDenied       ErrorCode = "ERR_ROLE_DELETE_DENIED"
)

// Groups, members and bans.
const (
	CodeGUIDNotFound            ErrorCode = "ERR_GUID_NOT_FOUND"
	CodeGUIDAlreadyExists       ErrorCode = "ERR_GUID_ALREADY_EXISTS"
	CodeEmptyGroupPass          ErrorCode = "ERR_EMPTY_GROUP_PASS"
	CodeWrongGroupPass          ErrorCode = "ERR_WRONG_GROUP_PASS"
	CodeGroupDeleteFailed       ErrorCode = "ERR_GROUP_DELETE_FAILED"
	CodeNoVacancy               ErrorCode = "ERR_NO_VACANCY"
	CodeGroupJoinNotAllowed     ErrorCode = "ERR_GROUP_JOIN_NOT_ALLOWED"
	CodeGroupNotJoined          ErrorCode = "ERR_GROUP_NOT_JOINED"
	CodeNotAMember              ErrorCode = "ERR_NOT_A_MEMBER"
	CodeAlreadyJoined           ErrorCode = "ERR_ALREADY_JOINED"
	CodeMemberDeleteFailed      ErrorCode = "ERR_MEMBER_DELETE_FAILED"
	CodeSameScope               ErrorCode = "ERR_SAME_SCOPE"
	CodeMemberScopeChangeFailed ErrorCode = "ERR_MEMBER_SCOPE_CHANGE_FAILED"
	CodeGroupNoClearance        ErrorCode = "ERR_GROUP_NO_CLEARANCE"
	CodeGroupNoAdminScope       ErrorCode = "ERR_GROUP_NO_ADMIN_SCOPE"
	CodeGroupNoModeratorScope   ErrorCode = "ERR_GROUP_NO_MODERATOR_SCOPE"
	CodeGroupNoScopeClearance   ErrorCode = "ERR_GROUP_NO_SCOPE_CLEARANCE"
	CodeGroupNoSelfAction       ErrorCode = "ERR_GROUP_NO_SELF_ACTION"
	CodeNotABannedUser          ErrorCode = "ERR_NOT_A_BANNED_USER"
	CodeBannedGroupMember       ErrorCode = "ERR_BANNED_GROUPMEMBER"
	CodeAlreadyBanned           ErrorCode = "ERR_ALREADY_BANNED"
	CodeMemberBanFailed         ErrorCode = "ERR_MEMBER_BAN_FAILED"
	CodeMemberUnbanFailed       ErrorCode = "ERR_MEMBER_UNBAN_FAILED"
)

// Friends and blocked users.
const (
	CodeAlreadyFriend          ErrorCode = "ERR_ALREADY_FRIEND"
	CodeNotAFriend             ErrorCode = "ERR_NOT_A_FRIEND"
	CodeCannotFormSelfRelation ErrorCode = "ERR_CANNOT_FORM_SELF_RELATION"
	CodeFailedToAddFriend      ErrorCode = "ERR_FAILED_TO_ADD_FRIEND"
	CodeCannotBlockSelf        ErrorCode = "ERR_CANNOT_BLOCK_SELF"
	CodeBlockedReceiver        ErrorCode = "ERR_BLOCKED_RECEIVER"
	CodeBlockedSender          ErrorCode = "ERR_BLOCKED_SENDER"
)

// Messages, threads and conversations.
const (
	CodeEmptyReceiver                          ErrorCode = "ERR_EMPTY_RECEIVER"
	CodeInvalidReceiverType                    ErrorCode = "ERR_INVALID_RECEIVER_TYPE"
	CodeMessageIDNotFound                      ErrorCode = "ERR_MESSAGE_ID_NOT_FOUND"
	CodeMsgNotFound                            ErrorCode = "ERR_MSG_NOT_FOUND"
	CodeInvalidMessageData                     ErrorCode = "ERR_INVALID_MESSAGE_DATA"
	CodeEmptyMessageText                       ErrorCode = "ERR_EMPTY_MESSAGE_TEXT"
	CodeInvalidMessageText                     ErrorCode = "ERR_INVALID_MESSAGE_TEXT"
	CodeEmptyMessageCategory                   ErrorCode = "ERR_EMPTY_MESSAGE_CATEGORY"
	CodeInvalidMessageCategory                 ErrorCode = "ERR_INVALID_MESSAGE_CATEGORY"
	CodeEmptyMessageType                       ErrorCode = "ERR_EMPTY_MESSAGE_TYPE"
	CodeInvalidMessageType                     ErrorCode = "ERR_INVALID_MESSAGE_TYPE"
	CodeEmptyMessageFile                       ErrorCode = "ERR_EMPTY_MESSAGE_FILE"
	CodeInvalidMediaMessage                    ErrorCode = "ERR_INVALID_MEDIA_MESSAGE"
	CodeEmptyCustomData                        ErrorCode = "ERR_EMPTY_CUSTOM_DATA"
	CodeInvalidCustomData                      ErrorCode = "ERR_INVALID_CUSTOM_DATA"
	CodeInvalidMetadata                        ErrorCode = "ERR_INVALID_METADATA"
	CodeMessageNotASender                      ErrorCode = "ERR_MESSAGE_NOT_A_SENDER"
	CodeMessageNoAccess                        ErrorCode = "ERR_MESSAGE_NO_ACCESS"
	CodeMessageActionNotAllowed                ErrorCode = "ERR_MESSAGE_ACTION_NOT_ALLOWED"
	CodeUserMessageDeleteFailed                ErrorCode = "ERR_USER_MESSAGE_DELETE_FAILED"
	CodeWrongMessageThread                     ErrorCode = "ERR_WRONG_MESSAGE_THREAD"
	CodeWrongMessageThreadCategory             ErrorCode = "ERR_WRONG_MESSAGE_THREAD_CATEGORY"
	CodeMessageThreadNesting                   ErrorCode = "ERR_MESSAGE_THREAD_NESTING"
	CodePinnedMessagesLimitExceeded            ErrorCode = "ERR_PINNED_MESSAGES_LIMIT_EXCEEDED"
	CodeSavedMessagesLimitExceeded             ErrorCode = "ERR_SAVED_MESSAGES_LIMIT_EXCEEDED"
	CodePinnedConversationsLimitExceeded       ErrorCode = "ERR_PINNED_CONVERSATIONS_LIMIT_EXCEEDED"
	CodeSystemPinnedConversationsLimitExceeded ErrorCode = "ERR_SYSTEM_PINNED_CONVERSATIONS_LIMIT_EXCEEDED"
	CodeSystemPinnedConversation               ErrorCode = "ERR_SYSTEM_PINNED_CONVERSATION"
	CodeConversationNotFound                   ErrorCode = "ERR_CONVERSATION_NOT_FOUND"
	CodeConversationNotAccessible              ErrorCode = "ERR_CONVERSATION_NOT_ACCESSIBLE"
	CodeReasonNotFound                         ErrorCode = "ERR_REASON_NOT_FOUND"
	CodeRuleNotFound                           ErrorCode = "ERR_RULE_NOT_FOUND"
	CodeKeywordNotFound                        ErrorCode = "ERR_KEYWORD_NOT_FOUND"
)

// Notifications.
const (
	CodeProviderNotFound      ErrorCode = "ERR_PROVIDER_NOT_FOUND"
	CodeProviderAlreadyExists ErrorCode = "ERR_PROVIDER_ALREADY_EXISTS"
	CodeTokenNotFound         ErrorCode = "ERR_TOKEN_NOT_FOUND"
	CodeTokenAlreadyExists    ErrorCode = "ERR_TOKEN_ALREADY_EXISTS"
)

// Data import.
const (
	CodeImportMUIDAlreadyExists    ErrorCode = "ERR_IMPORT_MUID_ALREADY_EXISTS"
	CodeImportInvalidUserFormat    ErrorCode = "ERR_IMPORT_INVALID_USER_FORMAT"
	CodeImportInvalidGroupFormat   ErrorCode = "ERR_IMPORT_INVALID_GROUP_FORMAT"
	CodeImportInvalidMemberFormat  ErrorCode = "ERR_IMPORT_INVALID_MEMBER_FORMAT"
	CodeImportInvalidMessageFormat ErrorCode = "ERR_IMPORT_INVALID_MESSAGE_FORMAT"
	CodeImportInvalidJoinedAt      ErrorCode = "ERR_IMPORT_INVALID_JOINEDAT"
)

// Calls.
const (
	CodeCallSessionNotFound    ErrorCode = "ERR_CALL_SESSION_NOT_FOUND"
	CodeEmptyCallSessionID     ErrorCode = "ERR_EMPTY_CALL_SESSION_ID"
	CodeCallingSelf            ErrorCode = "ERR_CALLING_SELF"
	CodeCallBusySelf           ErrorCode = "ERR_CALL_BUSY_SELF"
	CodeCallBusyGroup          ErrorCode = "ERR_CALL_BUSY_GROUP"
	CodeCallBusyUser           ErrorCode = "ERR_CALL_BUSY_USER"
	CodeCallTerminated         ErrorCode = "ERR_CALL_TERMINATED"
	CodeCallGroupAlreadyJoined ErrorCode = "ERR_CALL_GROUP_ALREADY_JOINED"
	CodeCallGroupAlreadyLeft   ErrorCode = "ERR_CALL_GROUP_ALREADY_LEFT"
	CodeCallInvalidInit        ErrorCode = "ERR_CALL_INVALID_INIT"
	CodeCallUserAlreadyJoined  ErrorCode = "ERR_CALL_USER_ALREADY_JOINED"
	CodeCallGroupInvalidStatus ErrorCode = "ERR_CALL_GROUP_INVALID_STATUS"
	CodeCallOngoingToInvalid   ErrorCode = "ERR_CALL_ONGOING_TO_INVALID"
	CodeCallNotAPart           ErrorCode = "ERR_CALL_NOT_A_PART"
	CodeCallEmptyJoinedAt      ErrorCode = "ERR_CALL_EMPTY_JOINED_AT"
	CodeCallNotStarted         ErrorCode = "ERR_CALL_NOT_STARTED"
)

// Extensions and webhooks that stop a message.
const (
	CodeBlockedByExtension ErrorCode = "ERR_BLOCKED_BY_EXTENSION"
	CodeBlockedByWebhook   ErrorCode = "ERR_BLOCKED_BY_WEBHOOK"
)

// Management.
const (
	CodeAppCreationFailedMaxLimit ErrorCode = "ERR_APP_CREATION_FAILED_MAX_LIMIT"
	CodeAppArchived               ErrorCode = "ERR_APP_ARCHIVED"
	CodeAppDeletion               ErrorCode = "ERR_APP_DELETION"
	CodeAppNotFound               ErrorCode = "ERR_APP_NOT_FOUND"
	CodeAlreadyAnOwner            ErrorCode = "ERR_ALREADY_AN_OWNER"
	CodeSelfActionDenied          ErrorCode = "ERR_SELF_ACTION_DENIED"
	CodeNotACollaborator          ErrorCode = "ERR_NOT_A_COLLABORATOR"
	CodeExtensionNotFound         ErrorCode = "ERR_EXTENSION_NOT_FOUND"
	CodeExtensionInactive         ErrorCode = "ERR_EXTENSION_INACTIVE"
	CodeWebhookNotFound           ErrorCode = "ERR_WEBHOOK_NOT_FOUND"
	CodeTriggerNotFound           ErrorCode = "ERR_TRIGGER_NOT_FOUND"
)

// All resources.
const (
	CodePermissionDenied  ErrorCode = "ERR_PERMISSION_DENIED"
	CodeInvalidAPIVersion ErrorCode = "ERR_INVALID_API_VERSION"
	CodeAPINotFound       ErrorCode = "ERR_API_NOT_FOUND"
	CodeBadRequest        ErrorCode = "ERR_BAD_REQUEST"
	CodeTooManyRequests   ErrorCode = "ERR_TOO_MANY_REQUESTS"
	CodeOperationFailed   ErrorCode = "ERR_OPERATION_FAILED"
	CodeMissionFailed     ErrorCode = "ERR_MISSION_FAILED"
	CodeException         ErrorCode = "ERR_EXCEPTION"
	CodeBadErrorResponse  ErrorCode = "ERR_BAD_ERROR_RESPONSE"
)

// categories are listed by code because neither the status nor the spelling
// decides: AUTH_ERR_APIKEY_NOT_FOUND and an unknown path do not mean that a
// resource is missing.
var categories = map[ErrorCode]error{
	CodeAuthEmptyAppID:                         ErrUnauthorized,
	CodeAuthInvalidAppID:                       ErrUnauthorized,
	CodeAuthEmptyAPIKey:                        ErrUnauthorized,
	CodeAuthAPIKeyNotFound:                     ErrUnauthorized,
	CodeAuthEmptyAuthToken:                     ErrUnauthorized,
	CodeAuthAuthTokenNotFound:                  ErrUnauthorized,
	CodeAuthNoAccess:                           ErrPermissionDenied,
	CodeAuthTokenUnavailable:                   ErrPermissionDenied,
	CodeAuthTokenNotAccessible:                 ErrPermissionDenied,
	CodeAPIKeyNoSelfAction:                     ErrPermissionDenied,
	CodeRoleDeleteDenied:                       ErrPermissionDenied,
	CodeWrongGroupPass:                         ErrPermissionDenied,
	CodeGroupJoinNotAllowed:                    ErrPermissionDenied,
	CodeGroupNotJoined:                         ErrPermissionDenied,
	CodeGroupNoClearance:                       ErrPermissionDenied,
	CodeGroupNoAdminScope:                      ErrPermissionDenied,
	CodeGroupNoModeratorScope:                  ErrPermissionDenied,
	CodeGroupNoScopeClearance:                  ErrPermissionDenied,
	CodeGroupNoSelfAction:                      ErrPermissionDenied,
	CodeBannedGroupMember:                      ErrPermissionDenied,
	CodeBlockedReceiver:                        ErrPermissionDenied,
	CodeBlockedSender:                          ErrPermissionDenied,
	CodeMessageNotASender:                      ErrPermissionDenied,
	CodeMessageNoAccess:                        ErrPermissionDenied,
	CodeMessageActionNotAllowed:                ErrPermissionDenied,
	CodeSystemPinnedConversation:               ErrPermissionDenied,
	CodeConversationNotAccessible:              ErrPermissionDenied,
	CodeBlockedByExtension:                     ErrPermissionDenied,
	CodeBlockedByWebhook:                       ErrPermissionDenied,
	CodePermissionDenied:                       ErrPermissionDenied,
	CodeSelfActionDenied:                       ErrPermissionDenied,
	CodePlanRestriction:                        ErrQuotaExceeded,
	CodePlanQuotaRestriction:                   ErrQuotaExceeded,
	CodeSubscriptionExpired:                    ErrQuotaExceeded,
	CodeNoVacancy:                              ErrQuotaExceeded,
	CodeAppCreationFailedMaxLimit:              ErrQuotaExceeded,
	CodePinnedMessagesLimitExceeded:            ErrQuotaExceeded,
	CodeSavedMessagesLimitExceeded:             ErrQuotaExceeded,
	CodePinnedConversationsLimitExceeded:       ErrQuotaExceeded,
	CodeSystemPinnedConversationsLimitExceeded: ErrQuotaExceeded,
	CodeUIDNotFound:                            ErrNotFound,
	CodeBotNotFound:                            ErrNotFound,
	CodeAuthTokenNotFound:                      ErrNotFound,
	CodeAPIKeyNotFound:                         ErrNotFound,
	CodeRoleNotFound:                           ErrNotFound,
	CodeGUIDNotFound:                           ErrNotFound,
	CodeNotAMember:                             ErrNotFound,
	CodeNotABannedUser:                         ErrNotFound,
	CodeNotAFriend:                             ErrNotFound,
	CodeMessageIDNotFound:                      ErrNotFound,
	CodeMsgNotFound:                            ErrNotFound,
	CodeConversationNotFound:                   ErrNotFound,
	CodeReasonNotFound:                         ErrNotFound,
	CodeProviderNotFound:                       ErrNotFound,
	CodeTokenNotFound:                          ErrNotFound,
	CodeRuleNotFound:                           ErrNotFound,
	CodeKeywordNotFound:                        ErrNotFound,
	CodeAppNotFound:                            ErrNotFound,
	CodeNotACollaborator:                       ErrNotFound,
	CodeExtensionNotFound:                      ErrNotFound,
	CodeWebhookNotFound:                        ErrNotFound,
	CodeTriggerNotFound:                        ErrNotFound,
	CodeUIDAlreadyExists:                       ErrAlreadyExists,
	CodeBotAlreadyExists:                       ErrAlreadyExists,
	CodeGUIDAlreadyExists:                      ErrAlreadyExists,
	CodeProviderAlreadyExists:                  ErrAlreadyExists,
	CodeTokenAlreadyExists:                     ErrAlreadyExists,
	CodeAlreadyJoined:                          ErrAlreadyExists,
	CodeSameScope:                              ErrAlreadyExists,
	CodeAlreadyBanned:                          ErrAlreadyExists,
	CodeAlreadyFriend:                          ErrAlreadyExists,
	CodeAlreadyAnOwner:                         ErrAlreadyExists,
	CodeInvalidUID:                             ErrInvalidRequest,
	CodeImportInvalidUserFormat:                ErrInvalidRequest,
	CodeImportInvalidGroupFormat:               ErrInvalidRequest,
	CodeImportInvalidMemberFormat:              ErrInvalidRequest,
	CodeImportInvalidMessageFormat:             ErrInvalidRequest,
	CodeImportInvalidJoinedAt:                  ErrInvalidRequest,
	CodeEmptyCallSessionID:                     ErrInvalidRequest,
	CodeCallingSelf:                            ErrInvalidRequest,
	CodeCallInvalidInit:                        ErrInvalidRequest,
	CodeCallGroupInvalidStatus:                 ErrInvalidRequest,
	CodeCallOngoingToInvalid:                   ErrInvalidRequest,
	CodeCallEmptyJoinedAt:                      ErrInvalidRequest,
	CodeCallNotStarted:                         ErrInvalidRequest,
	CodeCallTerminated:                         ErrInvalidRequest,
	CodeCallNotAPart:                           ErrPermissionDenied,
	CodeEmptyGroupPass:                         ErrInvalidRequest,
	CodeCannotFormSelfRelation:                 ErrInvalidRequest,
	CodeCannotBlockSelf:                        ErrInvalidRequest,
	CodeEmptyReceiver:                          ErrInvalidRequest,
	CodeInvalidReceiverType:                    ErrInvalidRequest,
	CodeInvalidMessageData:                     ErrInvalidRequest,
	CodeEmptyMessageText:                       ErrInvalidRequest,
	CodeInvalidMessageText:                     ErrInvalidRequest,
	CodeEmptyMessageCategory:                   ErrInvalidRequest,
	CodeInvalidMessageCategory:                 ErrInvalidRequest,
	CodeEmptyMessageType:                       ErrInvalidRequest,
	CodeInvalidMessageType:                     ErrInvalidRequest,
	CodeEmptyMessageFile:                       ErrInvalidRequest,
	CodeInvalidMediaMessage:                    ErrInvalidRequest,
	CodeEmptyCustomData:                        ErrInvalidRequest,
	CodeInvalidCustomData:                      ErrInvalidRequest,
	CodeInvalidMetadata:                        ErrInvalidRequest,
	CodeWrongMessageThread:                     ErrInvalidRequest,
	CodeWrongMessageThreadCategory:             ErrInvalidRequest,
	CodeMessageThreadNesting:                   ErrInvalidRequest,
	CodeInvalidAPIVersion:                      ErrInvalidRequest,
	CodeAPINotFound:                            ErrInvalidRequest,
	CodeBadRequest:                             ErrInvalidRequest,
	CodeAppArchived:                            ErrInvalidRequest,
	CodeAppDeletion:                            ErrInvalidRequest,
	CodeExtensionInactive:                      ErrInvalidRequest,
	CodeUIDDeleteFailed:                        ErrServer,
	CodeAuthTokenDeleteFailed:                  ErrServer,
	CodeAuthTokensDeleteFailed:                 ErrServer,
	CodeRoleDeleteFailed:                       ErrServer,
	CodeGroupDeleteFailed:                      ErrServer,
	CodeMemberDeleteFailed:                     ErrServer,
	CodeMemberScopeChangeFailed:                ErrServer,
	CodeMemberBanFailed:                        ErrServer,
	CodeMemberUnbanFailed:                      ErrServer,
	CodeFailedToAddFriend:                      ErrServer,
	CodeUserMessageDeleteFailed:                ErrServer,
	CodeOperationFailed:                        ErrServer,
	CodeMissionFailed:                          ErrServer,
	CodeException:                              ErrServer,
	CodeBadErrorResponse:                       ErrServer,
	CodeTooManyRequests:                        ErrRateLimited,
}

// category is the one that a code is listed under, or else the one that its words
// indicate.
func (c ErrorCode) category() error {
	if known, ok := categories[c]; ok {
		return known
	}
	switch text := string(c); {
	case strings.HasPrefix(text, "AUTH_ERR_"):
		return ErrUnauthorized
	case strings.HasSuffix(text, "_NOT_FOUND"):
		return ErrNotFound
	case strings.Contains(text, "_ALREADY_"):
		return ErrAlreadyExists
	case strings.HasSuffix(text, "_FAILED"):
		return ErrServer
	}
	return nil
}
