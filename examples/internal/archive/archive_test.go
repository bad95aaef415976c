package archive

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

func TestStatus(t *testing.T) {
	assert.Equal(t, "  0 %  0 messages", status(0, 0, 0, 0, 0))
	assert.Equal(t, " 25 %  2,500 messages  50/s  2m30s left", status(50*time.Second, 2500, 0, 0.25, 0))
	assert.Equal(t, " 75 %  7,500 messages  50/s  50s left", status(50*time.Second, 7500, 5000, 0.75, 0.5))
	assert.Equal(t, "100 %  1,500 messages  50/s  0s left", status(10*time.Second, 1500, 1000, 1, 0.5))
}

func TestShare(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(1700000000+int64(seconds), 0) }
	unix := func(seconds int) cometchat.UnixTime { return cometchat.UnixTime(at(seconds).Unix()) }
	j := &journal{state: state{Windows: []*window{
		{To: at(99), Messages: 9, First: unix(0), Last: unix(60), Done: true},
		{From: at(100), To: at(200), Messages: 5, First: unix(110), Last: unix(150)},
		{From: at(200), To: at(300)},
		{From: at(300), Messages: 5, First: unix(310), Last: unix(325)},
	}}}
	assert.InDelta(t, (1+0.5+0+0.25)/4, j.Share(at(400)), 1e-9)
	one := &journal{state: state{Windows: []*window{{Messages: 5, First: unix(0), Last: unix(40)}}}}
	assert.InDelta(t, 0.4, one.Share(at(100)), 1e-9)
	assert.Zero(t, (&journal{state: state{Windows: []*window{{}}}}).Share(at(100)))
}

// TestWriteLine checks that messages stay unchanged unless they have line breaks.
func TestWriteLine(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, writeLine(&b, []byte(`{ "a": "\/\n<\u00e9>" }`)))
	require.NoError(t, writeLine(&b, []byte("{\n \"a\":\r\n\"\\/<\" }")))
	assert.Equal(t, "{ \"a\": \"\\/\\n<\\u00e9>\" }\n{\"a\":\"\\/<\"}\n", b.String())
}

// TestReport checks that a file gets whole lines instead of a line that is
// overwritten.
func TestReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		j := &journal{state: state{Windows: []*window{{To: time.Now().Add(12 * time.Second), First: cometchat.UnixTime(time.Now().Unix())}}}}
		stop := report(j, &out)
		for range 12 {
			time.Sleep(time.Second)
			j.mu.Lock()
			j.Windows[0].Messages += 1000
			j.Windows[0].Last = cometchat.UnixTime(time.Now().Unix())
			j.mu.Unlock()
			synctest.Wait()
		}
		stop()
		assert.Equal(t, 2, strings.Count(out.String(), "\n"), out.String())
		assert.NotContains(t, out.String(), "\r")
	})
}
