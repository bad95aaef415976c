//go:build !unix

package benchmarks

import "time"

// cpuTime returns 0, since the time is not known on this system.
func cpuTime() time.Duration { return 0 }
