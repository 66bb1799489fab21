package bootstrap

import (
	"bytes"
	"cmp"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"sync"
)

// environ is the whole environment of a process: nothing of ours gets in.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
func environ(function map[string]string, taskRoot, api string) []string {
	region, name := function["AWS_REGION"], cmp.Or(function["AWS_LAMBDA_FUNCTION_NAME"], "function")
	env := map[string]string{
		"PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC",
		"LD_LIBRARY_PATH":                 "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
		"AWS_DEFAULT_REGION":              region,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      name,
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
	}
	maps.Copy(env, function)
	maps.Copy(env, map[string]string{
		"_HANDLER": "bootstrap", "LAMBDA_TASK_ROOT": taskRoot, "AWS_LAMBDA_RUNTIME_API": api, "AWS_LAMBDA_FUNCTION_NAME": name,
	})
	list := make([]string, 0, len(env))
	for _, key := range slices.Sorted(maps.Keys(env)) {
		list = append(list, key+"="+env[key])
	}
	return list
}

// ErrOtherMachine says that a binary is of another machine, and no emulator is there.
var ErrOtherMachine = errors.New("the binary is of another machine, and no emulator is installed")

// commandOf is how a binary is run here: as it is, or under qemu's user mode.
func commandOf(path string) ([]string, error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("Lambda's binaries are for linux, this is %s", runtime.GOOS) //nolint:staticcheck // a name
	}
	binary, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = binary.Close() }() // only read
	architecture := map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}[binary.Machine]
	if architecture == runtime.GOARCH {
		return []string{path}, nil
	}
	emulators := map[elf.Machine]string{elf.EM_X86_64: "qemu-x86_64-static", elf.EM_AARCH64: "qemu-aarch64-static"}
	emulator, err := exec.LookPath(emulators[binary.Machine])
	if err != nil {
		return nil, fmt.Errorf("%w: %v on %s: %w", ErrOtherMachine, binary.Machine, runtime.GOARCH, err)
	}
	return []string{emulator, path}, nil
}

// lastLine passes what a process prints on in whole lines, and remembers the last.
type lastLine struct {
	to io.Writer
	mu *sync.Mutex // of to, which all processes of a program share

	own  sync.Mutex
	part []byte
	last []byte
}

// Write implements io.Writer.
func (l *lastLine) Write(p []byte) (int, error) {
	l.own.Lock()
	defer l.own.Unlock()
	l.part = append(l.part, p...)
	end := bytes.LastIndexByte(l.part, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	l.pass(l.part[:end])
	l.part = slices.Clone(l.part[end:])
	return len(p), nil
}

// flush passes on what no line break ended.
func (l *lastLine) flush() {
	l.own.Lock()
	defer l.own.Unlock()
	if len(l.part) > 0 {
		l.pass(append(l.part, '\n'))
		l.part = nil
	}
}

func (l *lastLine) pass(lines []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.to.Write(lines) // a full log ends no function
	whole := bytes.TrimRight(lines, "\n")
	l.last = slices.Clone(whole[bytes.LastIndexByte(whole, '\n')+1:])
}

func (l *lastLine) text() string {
	l.own.Lock()
	defer l.own.Unlock()
	return string(l.last)
}
