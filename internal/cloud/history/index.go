package history

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// entry says where a record is.
type entry struct {
	at      int64 // Unix seconds
	segment uint32
	offset  uint32
	size    uint32
}

// older orders events by time, and those of one second by their place on disk.
func older(a, b entry) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.segment, b.segment), cmp.Compare(a.offset, b.offset))
}

// position names an event's place in that order, for the next page.
func (e entry) position() string { return fmt.Sprintf("%d.%d.%d", e.at, e.segment, e.offset) }

// parsePosition gives the event that a page ended with; nil for the first page.
func parsePosition(s string) (*entry, error) {
	if s == "" {
		return nil, nil
	}
	var e entry
	if _, err := fmt.Sscanf(s, "%d.%d.%d", &e.at, &e.segment, &e.offset); err != nil {
		return nil, fmt.Errorf("event history: %q is no place to go on from: %w", s, err)
	}
	return &e, nil
}

// index finds events by key. Most keys of many events are those of one alone
// (an eventID), which need no list.
type index struct {
	entries []entry
	one     map[key]uint32 // number of the only event
	many    map[key]*list
}

// list is the numbers of a key's events, oldest first unless unsorted.
type list struct {
	numbers  []uint32
	unsorted bool
}

func newIndex() index { return index{one: map[key]uint32{}, many: map[key]*list{}} }

func (x *index) has(k key) bool {
	_, one := x.one[k]
	return one || x.many[k] != nil
}

func (x *index) add(e entry, keys []key) {
	number := uint32(len(x.entries))
	x.entries = append(x.entries, e)
	for _, k := range keys {
		first, one := x.one[k]
		l := x.many[k]
		switch {
		case l != nil:
			x.insert(l, number)
		case one:
			l = &list{numbers: []uint32{first}}
			x.insert(l, number)
			x.many[k] = l
			delete(x.one, k)
		default:
			x.one[k] = number
		}
	}
}

// late is how far from the end of a list an event is put into its place at
// once; log files are not in order, but nearly.
const late = 4096

func (x *index) insert(l *list, number uint32) {
	if l.unsorted {
		l.numbers = append(l.numbers, number)
		return
	}
	from := max(0, len(l.numbers)-late)
	tail := l.numbers[from:]
	i := sort.Search(len(tail), func(i int) bool { return older(x.entries[tail[i]], x.entries[number]) > 0 })
	l.unsorted = i == 0 && from > 0
	if l.unsorted {
		l.numbers = append(l.numbers, number)
		return
	}
	l.numbers = slices.Insert(l.numbers, from+i, number)
}

// list gives the events of a key, oldest first.
func (x *index) list(k key) []uint32 {
	if number, one := x.one[k]; one {
		return []uint32{number}
	}
	l := x.many[k]
	if l == nil {
		return nil
	}
	if l.unsorted {
		slices.SortFunc(l.numbers, func(a, b uint32) int { return older(x.entries[a], x.entries[b]) })
		l.unsorted = false
	}
	return l.numbers
}

// find gives up to limit events of a key between two times, both included,
// newest first, and whether more follow. A page begins behind after.
func (x *index) find(k key, from, to int64, after *entry, limit int) (found []entry, more bool) {
	numbers := x.list(k)
	end := sort.Search(len(numbers), func(i int) bool {
		e := x.entries[numbers[i]]
		return e.at > to || after != nil && older(e, *after) >= 0
	})
	for i := end - 1; i >= 0; i-- {
		e := x.entries[numbers[i]]
		if e.at < from {
			break
		}
		if len(found) == limit {
			return found, true
		}
		found = append(found, e)
	}
	return found, false
}

// drop forgets the events of segments that are gone.
func (x *index) drop(gone map[uint32]bool) {
	const none = ^uint32(0)
	numbers := make([]uint32, len(x.entries)) // new ones by the old
	var left []entry
	for i, e := range x.entries {
		numbers[i] = none
		if !gone[e.segment] {
			numbers[i] = uint32(len(left))
			left = append(left, e)
		}
	}
	x.entries = left
	for k, n := range x.one {
		if numbers[n] == none {
			delete(x.one, k)
			continue
		}
		x.one[k] = numbers[n]
	}
	for k, l := range x.many {
		kept := l.numbers[:0]
		for _, n := range l.numbers {
			if numbers[n] != none {
				kept = append(kept, numbers[n])
			}
		}
		if l.numbers = slices.Clip(kept); len(kept) == 0 {
			delete(x.many, k)
		}
	}
}
