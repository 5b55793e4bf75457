package page

import (
	"cmp"
	"math"
	"slices"
)

// graph is what is laid out in layers from left to right: nodes by number, and who
// calls whom.
type graph struct {
	nodes int
	edges [][2]int // never from a node to itself
}

// laid is a graph with places. Points are nodes first, then the bends of edges that
// pass layers.
type laid struct {
	nodes  int
	layer  []int // of points
	order  [][]int
	y      []float64
	bends  [][]int // of each edge: the points between its ends, from left to right
	back   []bool  // edges that lead to the left
	layers int
}

// The room that points take, from top to bottom.
const (
	nodeRoom = 54
	bendRoom = 16
)

// layout lays a graph out as Sugiyama et al. (1981) do: edges that close cycles are
// turned, nodes stand right of all that call them, the order within layers is that
// with the fewest crossings of some that barycentres give, and points are as near to
// their neighbours as the order allows.
func layout(g graph) *laid {
	l := &laid{nodes: g.nodes, back: g.turn(), bends: make([][]int, len(g.edges))}
	ahead := make([][2]int, len(g.edges))
	for i, e := range g.edges {
		if l.back[i] {
			e[0], e[1] = e[1], e[0]
		}
		ahead[i] = e
	}
	l.rank(ahead)
	left, right := l.bend(ahead)
	l.sort(left, right)
	l.place(left, right)
	return l
}

// turn returns which edges close cycles, in a walk from the nodes in their order.
func (g *graph) turn() []bool {
	out := make([][]int, g.nodes)
	for i, e := range g.edges {
		out[e[0]] = append(out[e[0]], i)
	}
	back, state := make([]bool, len(g.edges)), make([]uint8, g.nodes)
	var walk func(n int)
	walk = func(n int) {
		state[n] = 1
		for _, i := range out[n] {
			switch to := g.edges[i][1]; state[to] {
			case 0:
				walk(to)
			case 1:
				back[i] = true
			}
		}
		state[n] = 2
	}
	for n := range g.nodes {
		if state[n] == 0 {
			walk(n)
		}
	}
	return back
}

// rank puts each node right of those that call it.
func (l *laid) rank(edges [][2]int) {
	l.layer = make([]int, l.nodes)
	for range l.nodes { // as many times at most as there are layers
		changed := false
		for _, e := range edges {
			if l.layer[e[1]] <= l.layer[e[0]] {
				l.layer[e[1]], changed = l.layer[e[0]]+1, true
			}
		}
		if !changed {
			break
		}
	}
	for _, n := range l.layer {
		l.layers = max(l.layers, n+1)
	}
}

// bend makes the points between the ends of edges and returns the neighbours of each
// point on its left and on its right.
func (l *laid) bend(edges [][2]int) (left, right [][]int) {
	left, right = make([][]int, len(l.layer)), make([][]int, len(l.layer))
	join := func(a, b int) { right[a], left[b] = append(right[a], b), append(left[b], a) }
	for i, e := range edges {
		at := e[0]
		for layer := l.layer[e[0]] + 1; layer < l.layer[e[1]]; layer++ {
			n := len(l.layer)
			l.layer = append(l.layer, layer)
			left, right = append(left, nil), append(right, nil)
			l.bends[i] = append(l.bends[i], n)
			join(at, n)
			at = n
		}
		join(at, e[1])
	}
	l.order = make([][]int, l.layers)
	for n, layer := range l.layer {
		l.order[layer] = append(l.order[layer], n)
	}
	return left, right
}

// sweeps is how often the order is looked over.
const sweeps = 12

// sort looks for an order with few crossings.
func (l *laid) sort(left, right [][]int) {
	best, least := l.clone(), l.crossings(right)
	for k := range sweeps {
		at := l.ranks()
		for i := range l.order {
			layer, side := i, left
			if k%2 == 1 {
				layer, side = len(l.order)-1-i, right
			}
			row := l.order[layer]
			slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(center(a, side, at), center(b, side, at)) })
			for i, n := range row {
				at[n] = float64(i)
			}
		}
		if n := l.crossings(right); n < least {
			best, least = l.clone(), n
		}
	}
	l.order = best
}

func (l *laid) clone() [][]int {
	out := make([][]int, len(l.order))
	for i := range out {
		out[i] = slices.Clone(l.order[i])
	}
	return out
}

// ranks returns where points stand in their layers.
func (l *laid) ranks() []float64 {
	at := make([]float64, len(l.layer))
	for _, row := range l.order {
		for i, n := range row {
			at[n] = float64(i)
		}
	}
	return at
}

// center returns the mean place of a point's neighbours, its own where it has none.
func center(n int, side [][]int, at []float64) float64 {
	if len(side[n]) == 0 {
		return at[n]
	}
	sum := 0.0
	for _, m := range side[n] {
		sum += at[m]
	}
	return sum / float64(len(side[n]))
}

// crossings counts pairs of lines between neighbouring layers that cross.
func (l *laid) crossings(right [][]int) (n int) {
	at := l.ranks()
	for _, row := range l.order {
		var ends []float64 // of lines, by where they begin
		for _, a := range row {
			from := len(ends)
			for _, b := range right[a] {
				for _, other := range ends[:from] {
					if other > at[b] {
						n++
					}
				}
				ends = append(ends, at[b])
			}
		}
	}
	return n
}

// place gives points their heights, from 0 on.
func (l *laid) place(left, right [][]int) {
	l.y = make([]float64, len(l.layer))
	both, weight := make([][]int, len(left)), make([]float64, len(left))
	for n := range both {
		both[n], weight[n] = append(slices.Clone(left[n]), right[n]...), 1
		if len(both[n]) == 0 {
			weight[n] = alone
		}
	}
	for _, row := range l.order {
		l.settle(row, make([]float64, len(row)), weight)
	}
	for k := range 2 * sweeps {
		side := [][][]int{left, right, both}[k%3]
		for i := range l.order {
			row := l.order[i]
			if k%3 == 1 {
				row = l.order[len(l.order)-1-i]
			}
			want := make([]float64, len(row))
			for i, n := range row {
				if weight[n] == 1 {
					want[i] = center(n, side, l.y)
				}
			}
			l.settle(row, want, weight)
		}
	}
	top := math.Inf(1)
	for n := range l.y {
		top = min(top, l.y[n]-l.room(n)/2)
	}
	for n := range l.y {
		l.y[n] -= top
	}
}

// room is what a point takes from top to bottom. Bends come after nodes.
func (l *laid) room(n int) float64 {
	if n < l.nodes {
		return nodeRoom
	}
	return bendRoom
}

// alone is how much a point without neighbours has to say: it goes where there is room.
const alone = 1e-3

// settle places the points of a layer as near as there is room for to where they
// should be, by least squares: neighbours that would be too near move as one.
func (l *laid) settle(row []int, want, weight []float64) {
	type block struct {
		sum, weight float64
		count       int
	}
	var blocks []block
	offset, offsets := 0.0, make([]float64, len(row))
	for i, n := range row {
		if i > 0 {
			offset += (l.room(row[i-1]) + l.room(n)) / 2
		}
		offsets[i] = offset
		blocks = append(blocks, block{(want[i] - offset) * weight[n], weight[n], 1})
		for k := len(blocks) - 1; k > 0 && blocks[k-1].sum/blocks[k-1].weight > blocks[k].sum/blocks[k].weight; k-- {
			blocks[k-1].sum += blocks[k].sum
			blocks[k-1].weight += blocks[k].weight
			blocks[k-1].count += blocks[k].count
			blocks = blocks[:k]
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.count {
			l.y[row[i]] = b.sum/b.weight + offsets[i]
			i++
		}
	}
}

// height returns how high the picture is.
func (l *laid) height() float64 {
	most := 0.0
	for n := range l.y {
		most = max(most, l.y[n]+l.room(n)/2)
	}
	return most
}
