// Recorded functions, by the table of their steps. A step is four numbers: what it does, and its operands.
//
// An operand is a number with a kind in its highest bits: a node, a scalar, a number of the datapoint, a constant, or the adjoint of a scalar.

template <class A> struct Memory {
    A *scalars, *adjoints, *nodes;
    const typename Ground<A>::T *x, *numbers;
    DEV A operand(u32 code) const {
        typedef typename Ground<A>::T T;
        const u32 at = code & 0x1fffffffu;
        switch (code >> 29) {
            case 0: return nodes[at];
            case 1: return scalars[at];
            case 2: return constant<A, T>(x[at]);
            case 3: return constant<A, T>(numbers[at]);
            default: return adjoints[at];
        }
    }
};

// Runs levels of steps, none of which reads what another one of its level writes. Of each level the table has where its steps begin, the first node that they write,
// and how many they are; `at` is where the levels begin in the table. `run_step` is written for the kinds of steps that there are.
//
// The function is called, and not inlined, for it is large and each of the stages would have a copy. Arguments of 14 words go into registers; two more would go through memory.
template <class A> __device__ __noinline__ void run_levels(const Memory<A> memory, const u32* table, u32 at, int count) {
    const u32* levels = table + at;
    const int t = thread();
    for (int level = 0; level < count; ++level, levels += 3) {
        const u32* steps = table + levels[0];
        A* to = memory.nodes + levels[1];
        const int n = levels[2];
        for (int i = t; i < n; i += THREADS) to[i] = run_step(memory, steps + 4 * i);
        BARRIER(level);
    }
}
template <class A> DEV void results(const Memory<A>& memory, const u32* operands, A* to, int count, int t) {
    for (int i = t; i < count; i += THREADS) to[i] = memory.operand(operands[i]);
    BARRIER(results);
}
// Adds to adjoints: pairs of a scalar and an operand, each scalar once.
template <class A> DEV void pull(const Memory<A>& memory, const u32* pairs, int count, int t) {
    for (int i = t; i < count; i += THREADS) add_to(memory.adjoints[pairs[2 * i]], memory.operand(pairs[2 * i + 1]));
    BARRIER(pull);
}
