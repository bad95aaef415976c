// Drives the vendor's JavaScript SDK for the test beside this file.
//
// Reads one JSON object a line from the standard input, {"do": name, ...}, and
// answers each with one line: {"ok": value} or {"error": {code, message}}. The
// argument is the folder that holds node_modules.

import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";

const require = createRequire(join(process.argv[2], "package.json"));

// The SDK prints what it does; the standard output is for answers.
console.log = console.info = console.debug = console.error;

// What the SDK takes from a browser.
require("fake-indexeddb/auto");
const { window } = new (require("jsdom").JSDOM)("", { url: "https://localhost/" });
window.indexedDB = globalThis.indexedDB;
window.matchMedia = () => ({ matches: false }); // jsdom has none
globalThis.window = window;
for (const name of ["document", "navigator", "localStorage", "sessionStorage"]) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}

// The SDK only speaks https. Nothing but the emulator may be asked.
let host = "";
const strays = [];
const fetchHTTP = globalThis.fetch;
globalThis.fetch = window.fetch = async (address, { method, headers, body }) => {
  const url = new URL(address);
  if (url.host !== host) {
    strays.push(`${method} ${url.host}${url.pathname}`);
    throw new TypeError("only the emulator may be asked");
  }
  url.protocol = "http:";
  return fetchHTTP(url, { method, headers, body });
};

const { CometChat } = require("@cometchat/chat-sdk-javascript");

// full leaves out what is not set, in whatever way.
const full = (members) =>
  Object.fromEntries(
    Object.entries(members).filter(
      ([, v]) =>
        !(v === undefined || v === null || v === "" || v === 0 || v === false || v === "0") &&
        !(typeof v === "object" && Object.keys(v).length === 0),
    ),
  );

// Everything is read with the accessors of the SDK, but for what has none.

const user = (u) =>
  full({
    uid: u.getUid(),
    name: u.getName(),
    avatar: u.getAvatar(),
    link: u.getLink(),
    role: u.getRole(),
    status: u.getStatus(),
    statusMessage: u.getStatusMessage(),
    metadata: u.getMetadata(),
    tags: u.getTags(),
    blockedByMe: u.getBlockedByMe(),
    hasBlockedMe: u.getHasBlockedMe(),
    lastActiveAt: u.getLastActiveAt(),
    deactivatedAt: u.getDeactivatedAt(),
    createdAt: u.createdAt,
    updatedAt: u.updatedAt,
    conversationId: u.conversationId,
  });

const member = (m) => full({ ...user(m), scope: m.getScope(), joinedAt: m.getJoinedAt() });

const group = (g) =>
  full({
    guid: g.getGuid(),
    name: g.getName(),
    type: g.getType(),
    icon: g.getIcon(),
    description: g.getDescription(),
    owner: g.getOwner(),
    metadata: g.getMetadata(),
    tags: g.getTags(),
    membersCount: g.getMembersCount(),
    scope: g.getScope(),
    hasJoined: g.getHasJoined(),
    joinedAt: g.getJoinedAt(),
    createdAt: g.getCreatedAt(),
    updatedAt: g.getUpdatedAt(),
    conversationId: g.conversationId,
  });

const entity = (e) => (e instanceof CometChat.Group ? group(e) : user(e));

// Users in some kinds of messages come without these.
const party = (p) => p && full({ ...entity(p), ...(p instanceof CometChat.User && { createdAt: 0, updatedAt: 0, conversationId: "" }) });

const attachment = (a) =>
  full({
    url: a.getUrl(),
    name: a.getName(),
    mimeType: a.getMimeType(),
    extension: a.getExtension(),
    size: Number(a.getSize()),
  });

// get calls an accessor that only some kinds of messages have.
const get = (m, name) => (typeof m[name] === "function" ? m[name]() : undefined);

const message = (m) =>
  full({
    id: String(m.getId()),
    muid: m.getMuid(),
    conversationId: m.getConversationId(),
    sender: party(m.getSender()),
    receiverId: m.getReceiverId(),
    receiver: party(get(m, "getReceiver")),
    receiverType: m.getReceiverType(),
    category: m.getCategory(),
    type: m.getType(),
    text: get(m, "getText"),
    caption: get(m, "getCaption"),
    metadata: get(m, "getMetadata"),
    customData: get(m, "getCustomData"),
    interactiveData: get(m, "getInteractiveData"),
    attachments: get(m, "getAttachments")?.map(attachment),
    tags: get(m, "getTags"),
    action: get(m, "getAction"),
    actionOn: get(m, "getActionOn")?.getId && String(m.getActionOn().getId()),
    sentAt: m.getSentAt(),
    updatedAt: m.updatedAt,
    deliveredAt: m.getDeliveredAt(),
    readAt: m.getReadAt(),
    editedAt: m.getEditedAt(),
    editedBy: m.getEditedBy(),
    deletedAt: m.getDeletedAt(),
    deletedBy: m.getDeletedBy(),
    parentId: m.getParentMessageId() && String(m.getParentMessageId()),
    replyCount: m.getReplyCount(),
    quotedMessageId: m.getQuotedMessage() && String(m.getQuotedMessage().getId()),
    mentions: m.getMentionedUsers().map((u) => u.getUid()).sort(),
    reactions: m.getReactions().map((r) =>
      full({ reaction: r.getReaction(), count: r.getCount(), reactedByMe: r.getReactedByMe() }),
    ),
    pinnedAt: m.getPinnedAt(),
    pinnedBy: m.getPinnedBy(),
    savedAt: m.getSavedAt(),
  });

const conversation = (c) =>
  full({
    conversationId: c.getConversationId(),
    conversationType: c.getConversationType(),
    unreadMessageCount: c.getUnreadMessageCount(),
    lastMessage: c.getLastMessage() && c.getLastMessage().getId ? message(c.getLastMessage()) : undefined,
    conversationWith: entity(c.getConversationWith()),
    tags: c.getTags(),
    pinnedAt: c.getPinnedAt(),
    pinnedBy: c.getPinnedBy(),
  });

const thread = (t) =>
  full({
    parentId: String(t.getParentMessageId()),
    parent: message(t.getParentMessage()),
    replyCount: t.getReplyCount(),
    lastReply: String(t.getLastReply().getId()),
    updatedAt: t.getUpdatedAt(),
    conversationId: t.getConversationId(),
    receiverType: t.getReceiverType(),
    receiverId: t.getReceiverId(),
  });

// readState is what only the SDK has of conversations.
const readState = (c) => ({
  conversation: conversation(c),
  unreadMentionsCount: c.getUnreadMentionsCount(),
  lastReadMessageId: c.getLastReadMessageId(),
  latestMessageId: c.getLatestMessageId(),
});

// walk reads a list to its end; a list that does not end is a finding.
async function walk(request, step, view) {
  const rows = [];
  for (let i = 0; i < 100; i++) {
    const page = await request[step]();
    if (page.length === 0) return rows;
    if (step === "fetchPrevious") rows.unshift(...page.map(view));
    else rows.push(...page.map(view));
  }
  throw new Error("the list has no end");
}

function userOf(sent) {
  const u = new CometChat.User(sent.uid);
  u.setName(sent.name);
  if (sent.avatar) u.setAvatar(sent.avatar);
  if (sent.link) u.setLink(sent.link);
  if (sent.role) u.setRole(sent.role);
  if (sent.statusMessage) u.setStatusMessage(sent.statusMessage);
  if (sent.metadata) u.setMetadata(sent.metadata);
  if (sent.tags) u.setTags(sent.tags);
  return u;
}

function groupOf(sent) {
  const g = new CometChat.Group(sent.guid, sent.name, sent.type, sent.password);
  if (sent.icon) g.setIcon(sent.icon);
  if (sent.description) g.setDescription(sent.description);
  if (sent.metadata) g.setMetadata(sent.metadata);
  if (sent.tags) g.setTags(sent.tags);
  return g;
}

function fill(m, sent) {
  if (sent.metadata) m.setMetadata(sent.metadata);
  if (sent.tags) m.setTags(sent.tags);
  if (sent.muid) m.setMuid(sent.muid);
  if (sent.parentId) m.setParentMessageId(Number(sent.parentId));
  if (sent.quotedMessageId) m.setQuotedMessageId(Number(sent.quotedMessageId));
  return m;
}

const commands = {
  init: async (c) => {
    host = c.host;
    const settings = new CometChat.AppSettingsBuilder()
      .setRegion("us")
      .autoEstablishSocketConnection(false)
      .overrideAdminHost(`${host}/v3`)
      .overrideClientHost(`${host}/v3`)
      .build();
    return CometChat.init(c.appId, settings);
  },
  strays: async () => strays,

  // endpoints is the SDK's own table of what it asks for.
  endpoints: async () => {
    const source = readFileSync(require.resolve("@cometchat/chat-sdk-javascript"), "utf8");
    const table = source.matchAll(/([A-Za-z]+):\{endpoint:"([^"]+)",method:"([A-Za-z]+)"/g);
    return Array.from(table, ([, name, path, method]) => `${name} ${method.toUpperCase()} /${path}`);
  },

  // call is for methods that take and return plain values.
  call: async (c) => CometChat[c.method](...c.args),

  createUser: async (c) => user(await CometChat.createUser(userOf(c.user), c.apiKey)),
  updateUser: async (c) => user(await CometChat.updateUser(userOf(c.user), c.apiKey)),
  login: async (c) => user(await (c.authToken ? CometChat.login(c.authToken) : CometChat.login(c.uid, c.apiKey))),
  logout: async () => CometChat.logout(),
  updateMe: async (c) => user(await CometChat.updateCurrentUserDetails(userOf(c.user))),
  user: async (c) => user(await CometChat.getUser(c.uid)),
  users: async (c) => {
    const b = new CometChat.UsersRequestBuilder().setLimit(c.limit).withTags(true);
    if (c.tags) b.setTags(c.tags);
    if (c.searchKey) b.setSearchKeyword(c.searchKey);
    return walk(b.build(), "fetchNext", user);
  },

  createGroup: async (c) => group(await CometChat.createGroup(groupOf(c.group))),
  updateGroup: async (c) => group(await CometChat.updateGroup(groupOf(c.group))),
  group: async (c) => group(await CometChat.getGroup(c.guid)),
  groups: async (c) =>
    walk(new CometChat.GroupsRequestBuilder().setLimit(c.limit).withTags(true).build(), "fetchNext", group),
  members: async (c) => {
    const b = new CometChat.GroupMembersRequestBuilder(c.guid).setLimit(c.limit);
    if (c.searchKey) b.setSearchKeyword(c.searchKey);
    return walk(b.build(), "fetchNext", member);
  },

  addMembers: async (c) =>
    CometChat.addMembersToGroup(
      c.guid,
      c.members.map((m) => new CometChat.GroupMember(m.uid, m.scope)),
      c.ban,
    ),
  createGroupWith: async (c) =>
    CometChat.createGroupWithMembers(groupOf(c.group), [new CometChat.GroupMember(c.uid, "admin")], []),
  joinGroup: async (c) => group(await CometChat.joinGroup(c.guid, c.type, c.password)),
  banned: async (c) => walk(new CometChat.BannedMembersRequestBuilder(c.guid).setLimit(c.limit).build(), "fetchNext", user),
  blocked: async (c) => {
    const b = new CometChat.BlockedUsersRequestBuilder().setLimit(c.limit).setDirection(c.direction);
    if (c.searchKey) b.setSearchKeyword(c.searchKey);
    return walk(b.build(), "fetchNext", user);
  },
  threads: async (c) => {
    const b = new CometChat.ThreadsRequestBuilder().setLimit(c.limit).setParticipatedByMe(false);
    if (c.uid) b.setUid(c.uid);
    if (c.guid) b.setGuid(c.guid);
    return walk(b.build(), "fetchNext", thread);
  },
  reactions: async (c) => {
    const b = new CometChat.ReactionsRequestBuilder().setMessageId(c.id).setLimit(c.limit);
    if (c.reaction) b.setReaction(c.reaction);
    return walk(b.build(), "fetchNext", (r) => r.getReaction());
  },
  markAsUnread: async (c) => CometChat.markAsUnread(await CometChat.getMessageDetails(c.id)),
  markMessageAsUnread: async (c) => readState(await CometChat.markMessageAsUnread(await CometChat.getMessageDetails(c.id))),
  readState: async (c) => readState(await CometChat.getConversation(c.with, c.type)),
  sendInteractive: async (c) =>
    message(await CometChat.sendInteractiveMessage(new CometChat.InteractiveMessage(c.to, c.toType, c.type, c.data))),
  tagConversation: async (c) => conversation(await CometChat.tagConversation(c.with, c.type, c.tags)),

  sendText: async (c) =>
    message(await CometChat.sendMessage(fill(new CometChat.TextMessage(c.to, c.text, c.toType), c))),
  sendCustom: async (c) =>
    message(await CometChat.sendCustomMessage(fill(new CometChat.CustomMessage(c.to, c.toType, c.type, c.customData), c))),
  editText: async (c) => {
    const m = fill(new CometChat.TextMessage(c.to, c.text, c.toType), c);
    m.setId(Number(c.id));
    return message(await CometChat.editMessage(m));
  },
  deleteMessage: async (c) => message(await CometChat.deleteMessage(c.id)),
  react: async (c) => message(await CometChat.addReaction(c.id, c.reaction)),
  message: async (c) => message(await CometChat.getMessageDetails(c.id)),
  messages: async (c) => {
    const b = new CometChat.MessagesRequestBuilder().setLimit(c.limit).withTags(true);
    if (c.uid) b.setUID(c.uid);
    if (c.guid) b.setGUID(c.guid);
    if (c.parentId) b.setParentMessageId(Number(c.parentId));
    if (c.pinned) b.setPinned(true);
    if (c.saved) b.setSaved(true);
    if (c.after) b.setMessageId(Number(c.after));
    return walk(b.build(), c.after ? "fetchNext" : "fetchPrevious", message);
  },
  unread: async () => CometChat.getUnreadMessageCount(),

  conversation: async (c) => conversation(await CometChat.getConversation(c.with, c.type)),
  conversations: async (c) =>
    walk(
      new CometChat.ConversationsRequestBuilder().setLimit(c.limit).withTags(true).withUserAndGroupTags(true).build(),
      "fetchNext",
      conversation,
    ),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { ok: await commands[command.do](command) };
  } catch (e) {
    answer = { error: { code: e?.code ?? e?.name ?? "", message: e?.message ?? String(e) } };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
// Timers of the SDK would keep the process alive.
process.exit(0);
