// Layers of networks, forward and in reverse. The threads of a block work on one sample together; between two functions they wait for each other.
//
// A layer L is affine: a dense layer of each of many patches of its inputs, as convolutions have it. Its numbers are constants of the type L. Patches lie in ROWS
// and COLUMNS; entries of a patch are (channel, row, column) of sizes CHANNELS, KERNEL_ROWS, KERNEL_COLUMNS in images whose channels have PLANE numbers in lines
// of LINE. Outputs count those of all groups.

// The thread, as a number that the compiler does not know: what is computed of it for one function is not kept in registers for the next sample.
DEV int thread() {
    int t = threadIdx.x;
    FRESH(t);
    return t;
}

template <class L, int R, int C, class A, class W, class X> DEV void affine_forward(const W& w, const X* x, A* z, int t) {
    typedef typename Ground<A>::T T;
    const int tiles = L::COLUMNS / C, items = L::ALL_OUTPUTS / R * L::ROWS * tiles;
    for (int item = t; item < items; item += THREADS) {
        const int column = item % tiles * C, row = item / tiles % L::ROWS, o = item / (tiles * L::ROWS) * R;
        const X* patch = x + o / L::OUTPUTS * L::GROUP_STRIDE + row * L::ROW_STRIDE + column * L::COLUMN_STRIDE;
        A s[R][C];
        UNROLL for (int r = 0; r < R; ++r) {
            UNROLL for (int c = 0; c < C; ++c) set(s[r][c], 0);
        }
        for (int channel = 0; channel < L::CHANNELS; ++channel) {
            for (int ky = 0; ky < L::KERNEL_ROWS; ++ky) {
                const X* line = patch + channel * L::PLANE + ky * L::LINE;
                const int entry = (channel * L::KERNEL_ROWS + ky) * L::KERNEL_COLUMNS;
#pragma unroll(L::UNROLLED)
                for (int kx = 0; kx < L::KERNEL_COLUMNS; ++kx) {
                    UNROLL for (int r = 0; r < R; ++r) {
                        const auto weight = w.at(L::FIRST + (o + r) * L::WEIGHT_OUTPUT + (entry + kx) * L::WEIGHT_ENTRY);
                        UNROLL for (int c = 0; c < C; ++c) add_weighted<0>(s[r][c], weight, line[kx + c * L::COLUMN_STRIDE]);
                    }
                }
            }
        }
        UNROLL for (int r = 0; r < R; ++r) {
            A bias;
            set(bias, 0);
            if (L::BIAS) bias = scaled(lifted<A>(w.at(L::FIRST + L::WEIGHTS + o + r)), T(L::bias_scale()));
            UNROLL for (int c = 0; c < C; ++c)
                z[(o + r) * L::OUT_OUTPUT + row * L::OUT_ROW + (column + c) * L::OUT_COLUMN] = sum(scaled(s[r][c], T(L::weight_scale())), bias);
        }
    }
}

// Overwrites the adjoints dx of the inputs, each of which one thread gathers, from those of the outputs.
template <class L, int R, class A, class W> DEV void affine_input_gradient(const W& w, const A* dz, A* dx, int t) {
    typedef typename Ground<A>::T T;
    const int tiles = L::CHANNELS / R, items = L::GROUPS * tiles * L::PLANE;
    const int down = L::ROWS > 1 ? L::ROW_STRIDE / L::LINE : 1, right = L::COLUMNS > 1 ? L::COLUMN_STRIDE : 1;
    for (int item = t; item < items; item += THREADS) {
        const int place = item % L::PLANE, channel = item / L::PLANE % tiles * R, group = item / (L::PLANE * tiles);
        const int x = place % L::LINE, y = place / L::LINE;
        // The first patches that reach the place.
        const int above = y - L::KERNEL_ROWS + 1, before = x - L::KERNEL_COLUMNS + 1;
        const int first_row = above > 0 ? (above + down - 1) / down : 0, first_column = before > 0 ? (before + right - 1) / right : 0;
        A s[R];
        UNROLL for (int r = 0; r < R; ++r) set(s[r], 0);
        for (int row = first_row; row < L::ROWS && row * down <= y; ++row) {
            for (int column = first_column; column < L::COLUMNS && column * right <= x; ++column) {
                const int entry = (y - row * down) * L::KERNEL_COLUMNS + x - column * right;
                const A* d = dz + row * L::OUT_ROW + column * L::OUT_COLUMN;
                for (int o = group * L::OUTPUTS; o < (group + 1) * L::OUTPUTS; ++o) {
                    const A adjoint = d[o * L::OUT_OUTPUT];
                    UNROLL for (int r = 0; r < R; ++r) {
                        const int at = entry + (channel + r) * L::KERNEL_ROWS * L::KERNEL_COLUMNS;
                        add_weighted<0>(s[r], w.at(L::FIRST + o * L::WEIGHT_OUTPUT + at * L::WEIGHT_ENTRY), adjoint);
                    }
                }
            }
        }
        UNROLL for (int r = 0; r < R; ++r) dx[group * L::GROUP_STRIDE + (channel + r) * L::PLANE + place] = scaled(s[r], T(L::weight_scale()));
    }
}

// Gives the derivatives with respect to weights and biases to the sink, each once.
template <class L, int R, int E, class A, class X, class S> DEV void affine_weight_gradient(const X* x, const A* dz, S& sink, int t) {
    typedef typename Ground<A>::T T;
    const int parts = L::KERNEL_COLUMNS / E, items = L::ALL_OUTPUTS / R * L::CHANNELS * L::KERNEL_ROWS * parts;
    for (int item = t; item < items; item += THREADS) {
        const int kx = item % parts * E, ky = item / parts % L::KERNEL_ROWS, channel = item / (parts * L::KERNEL_ROWS) % L::CHANNELS;
        const int o = item / (parts * L::KERNEL_ROWS * L::CHANNELS) * R;
        const X* patch = x + o / L::OUTPUTS * L::GROUP_STRIDE + channel * L::PLANE + ky * L::LINE + kx;
        A s[R][E];
        UNROLL for (int r = 0; r < R; ++r) {
            UNROLL for (int k = 0; k < E; ++k) set(s[r][k], 0);
        }
        for (int row = 0; row < L::ROWS; ++row) {
            for (int column = 0; column < L::COLUMNS; ++column) {
                const X* line = patch + row * L::ROW_STRIDE + column * L::COLUMN_STRIDE;
                const A* d = dz + row * L::OUT_ROW + column * L::OUT_COLUMN;
                UNROLL for (int r = 0; r < R; ++r) {
                    const A adjoint = d[(o + r) * L::OUT_OUTPUT];
                    UNROLL for (int k = 0; k < E; ++k) add_product(s[r][k], adjoint, line[k]);
                }
            }
        }
        const int entry = (channel * L::KERNEL_ROWS + ky) * L::KERNEL_COLUMNS + kx;
        UNROLL for (int r = 0; r < R; ++r) {
            UNROLL for (int k = 0; k < E; ++k)
                sink.put(L::FIRST + (o + r) * L::WEIGHT_OUTPUT + (entry + k) * L::WEIGHT_ENTRY, scaled(s[r][k], T(L::weight_scale())));
        }
    }
    if (!L::BIAS) return;
    for (int o = THREADS - 1 - t; o < L::ALL_OUTPUTS; o += THREADS) {
        A s;
        set(s, 0);
        for (int row = 0; row < L::ROWS; ++row) {
            for (int column = 0; column < L::COLUMNS; ++column) add_to(s, dz[o * L::OUT_OUTPUT + row * L::OUT_ROW + column * L::OUT_COLUMN]);
        }
        sink.put(L::FIRST + L::WEIGHTS + o, scaled(s, T(L::bias_scale())));
    }
}

template <class A> DEV void tanh_forward(A* z, int count, int t) {
    for (int i = t; i < count; i += THREADS) z[i] = tanh_of(z[i]);
}
template <class A> DEV void tanh_reverse(const A* z, A* d, int count, int t) {
    for (int i = t; i < count; i += THREADS) d[i] = product(d[i], shifted(negative(product(z[i], z[i])), 1));
}

// The cross entropy of the softmax of logits z with a label y, and the adjoints d of the logits. Every thread has the loss.
template <class A> DEV A cross_entropy(const A* z, A* d, const typename Ground<A>::T* y, int count, int t) {
    typedef typename Ground<A>::T T;
    T most = primal(z[0]);
    for (int k = 1; k < count; ++k) most = most < primal(z[k]) ? primal(z[k]) : most;
    for (int k = t; k < count; k += THREADS) d[k] = exp_of(shifted(z[k], -most));
    BARRIER(softmax_terms);
    A loss, total;
    set(loss, 0);
    set(total, 0);
    for (int k = 0; k < count; ++k) {
        add_scaled(loss, shifted(z[k], -most), -y[k]);
        add_to(total, d[k]);
    }
    BARRIER(softmax_total);
    const A inverse = recip(total);
    for (int k = t; k < count; k += THREADS) d[k] = shifted(product(d[k], inverse), -y[k]);
    BARRIER(softmax_adjoints);
    return sum(loss, ln_of(total));
}

// The same loss alone, which every thread computes.
template <class T> DEV T cross_entropy_loss(const T* z, const T* y, int count) {
    T most = z[0], loss = 0, total = 0;
    for (int k = 1; k < count; ++k) most = most < z[k] ? z[k] : most;
    for (int k = 0; k < count; ++k) {
        loss -= (z[k] - most) * y[k];
        total += plain_exp(z[k] - most);
    }
    return loss + plain_log(total);
}

// Numbers of the datapoint in another order; 0 where the table has none.
template <class T> DEV void gather(const T* x, const u32* from, T* to, int count, int t) {
    for (int i = t; i < count; i += THREADS) to[i] = from[i] == 0xffffffffu ? T(0) : x[from[i]];
}
// For each token number the list with 1 at that number and 0 elsewhere.
template <class T> DEV void one_hot(const T* tokens, T* to, int count, int vocabulary, int t) {
    for (int i = t; i < count; i += THREADS) {
        const T difference = tokens[i / vocabulary] - T(i % vocabulary), distance = difference < T(0) ? -difference : difference;
        to[i] = distance < T(1) ? T(1) - distance : T(0);
    }
}
template <class A, class T> DEV void inputs(const T* from, A* to, int count, int t) {
    for (int i = t; i < count; i += THREADS) to[i] = constant<A, T>(from[i]);
}
template <class A, class W> DEV void lift(const W& w, int position, A* to, int count, int t) {
    for (int i = t; i < count; i += THREADS) to[i] = lifted<A>(w.at(position + i));
}
template <class A, class S> DEV void lift_reverse(const A* d, int position, S& sink, int count, int t) {
    for (int i = t; i < count; i += THREADS) sink.put(position + i, d[i]);
}
