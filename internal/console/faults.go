package console

import (
	"slices"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func (v *visit) listFaults() (any, error) {
	p, err := v.paging()
	return cut(p, v.srv.Faults(), func(f cometchattest.ActiveFault) int64 { return f.ID }, nil, func(f cometchattest.ActiveFault) cometchattest.ActiveFault { return f }), err
}

func (v *visit) addFault() (any, error) {
	var f cometchattest.Fault
	var err error
	if text := v.r.PostForm.Get("fault"); text != "" { // see [faultRow.Again]
		err = decode([]byte(text), &f)
	} else {
		err = v.bind(&f)
	}
	if err != nil {
		return nil, err
	}
	id := v.srv.Inject(f)
	faults := v.srv.Faults()
	i := slices.IndexFunc(faults, func(f cometchattest.ActiveFault) bool { return f.ID == id })
	if i < 0 {
		return nil, notFound("the fault was removed at the same time")
	}
	return faults[i], nil
}

func (v *visit) clearFaults() (any, error) {
	v.srv.ClearFaults()
	return nil, nil
}

func (v *visit) removeFault() (any, error) {
	id, err := v.pathID("fault")
	if err == nil && !v.srv.RemoveFault(id) {
		err = notFound("there is no fault " + v.r.PathValue("id"))
	}
	return nil, err
}
