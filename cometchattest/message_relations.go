package cometchattest

// hasBlockedUser tells whether a user has blocked another.
func (st *state) hasBlockedUser(uid, other string) bool {
	_, ok := st.blocks.get(uid, other)
	return ok
}

// isGroupMember tells whether a user is a member of a group.
func (st *state) isGroupMember(guid, uid string) bool {
	g, ok := st.groups.get(guid)
	if !ok {
		return false
	}
	_, ok = g.members.get(uid)
	return ok
}
