package cometchat

// Acknowledgement is the answer of calls that have nothing else to say. The
// message is for people: the API's texts do not always fit what was done.
type Acknowledgement struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
}

// UnmarshalJSON takes an answer that does not mention success for one: it came
// with a 200.
func (a *Acknowledgement) UnmarshalJSON(b []byte) error {
	type plain Acknowledgement
	p := plain{Success: true}
	err := decodeLenient(b, &p)
	*a = Acknowledgement(p)
	return err
}

func (a *Acknowledgement) check() string { return refused(a.Success, a.Message) }

// refused says what is wrong with an acknowledgement that denies success.
func refused(success bool, message string) string {
	if success {
		return ""
	}
	return answerRefuses + message
}
