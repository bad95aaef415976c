package cometchat

// acknowledgement is the response to calls that have nothing else to say. The
// message is for people: the API's texts do not always fit what was done.
type acknowledgement struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
}

// UnmarshalJSON takes an answer that does not mention success for one: it came
// with a 200.
func (a *acknowledgement) UnmarshalJSON(b []byte) error {
	type plain acknowledgement
	p := plain{Success: true}
	err := decodeLenient(b, &p)
	*a = acknowledgement(p)
	return err
}

func (a *acknowledgement) check() string { return refused(a.Success, a.Message) }

// refused says what is wrong with an acknowledgement that denies success.
func refused(success bool, message string) string {
	if success {
		return ""
	}
	return answerRefuses + message
}
