// Algebras: plain numbers, and truncated power series in one direction over another algebra. Series over series have several directions; the first direction
// is that of the outermost series. The coefficient of t^k is the k-th derivative divided by k!.
//
// T is float or double. In every template, R is the algebra of the coefficients and M the number of coefficients.
typedef unsigned int u32;
#ifndef SHARED_MEMORY
#define SHARED_MEMORY(name) extern __shared__ __align__(16) unsigned char name[]
#endif
#ifndef FRESH
#define FRESH(x) asm volatile("" : "+r"(x))
#endif
// Threads of a block wait for each other. The name tells barriers apart in tests, which leave out one after the other.
#ifndef BARRIER
#define BARRIER(name) __syncthreads()
#endif
#define DEV __device__ __forceinline__

template <class R, int M> struct Series { R c[M]; };
template <class A> struct Ground { typedef A T; };
template <class R, int M> struct Ground<Series<R, M> > { typedef typename Ground<R>::T T; };

// A component of θ + Σ_d t_d u_d.
template <class T, int Q> struct Line { T v; T s[Q]; };
template <class T> struct Line<T, 0> { T v; };

DEV float plain_exp(float x) { return expf(x); }
DEV double plain_exp(double x) { return exp(x); }
DEV float plain_log(float x) { return logf(x); }
DEV double plain_log(double x) { return log(x); }
DEV float plain_log1p(float x) { return log1pf(x); }
DEV double plain_log1p(double x) { return log1p(x); }
DEV float plain_tanh(float x) { return tanhf(x); }
DEV double plain_tanh(double x) { return tanh(x); }
DEV float plain_sin(float x) { return sinf(x); }
DEV double plain_sin(double x) { return sin(x); }
DEV float plain_cos(float x) { return cosf(x); }
DEV double plain_cos(double x) { return cos(x); }
DEV float plain_sqrt(float x) { return sqrtf(x); }
DEV double plain_sqrt(double x) { return sqrt(x); }
DEV float plain_erf(float x) { return erff(x); }
DEV double plain_erf(double x) { return erf(x); }
DEV float plain_pow(float x, float y) { return powf(x, y); }
DEV double plain_pow(double x, double y) { return pow(x, y); }

// The same functions of plain numbers as of series. `scaled`, `shifted` and `add_scaled` have a plain number as their last operand.
#define PLAIN(T)                                                                             \
    DEV T primal(T a) { return a; }                                                          \
    DEV T& first(T& a) { return a; }                                                         \
    DEV void set(T& a, T x) { a = x; }                                                       \
    DEV T sum(T a, T b) { return a + b; }                                                    \
    DEV T difference(T a, T b) { return a - b; }                                             \
    DEV T product(T a, T b) { return a * b; }                                                \
    DEV T quotient(T a, T b) { return a / b; }                                               \
    DEV T scaled(T a, T x) { return a * x; }                                                 \
    DEV T shifted(T a, T x) { return a + x; }                                                \
    DEV void add_to(T& s, T a) { s += a; }                                                   \
    DEV void add_product(T& s, T a, T b) { s += a * b; }                                     \
    DEV void add_scaled(T& s, T a, T x) { s += a * x; }                                      \
    DEV T recip(T a) { return T(1) / a; }                                                    \
    DEV T exp_of(T a) { return plain_exp(a); }                                               \
    DEV T ln_of(T a) { return plain_log(a); }                                                \
    DEV T tanh_of(T a) { return plain_tanh(a); }                                             \
    DEV void sin_cos(T a, T& s, T& c) { s = plain_sin(a); c = plain_cos(a); }                \
    DEV T sqrt_of(T a) { return plain_sqrt(a); }                                             \
    DEV T erf_of(T a) { return plain_erf(a); }                                               \
    DEV T powf_of(T a, T x) { return plain_pow(a, x); }                                      \
    DEV T sigmoid_of(T a) {                                                                  \
        T e = plain_exp(a < T(0) ? a : -a);                                                  \
        return (a < T(0) ? e : T(1)) / (T(1) + e);                                           \
    }                                                                                        \
    DEV T softplus_of(T a) { return (a < T(0) ? T(0) : a) + plain_log1p(plain_exp(a < T(0) ? a : -a)); }
PLAIN(float)
PLAIN(double)
#undef PLAIN

#define SERIES template <class R, int M> DEV
#define UNROLL _Pragma("unroll")
SERIES typename Ground<R>::T primal(const Series<R, M>& a) { return primal(a.c[0]); }
SERIES typename Ground<R>::T& first(Series<R, M>& a) { return first(a.c[0]); }
SERIES void set(Series<R, M>& a, typename Ground<R>::T x) {
    set(a.c[0], x);
    UNROLL for (int k = 1; k < M; ++k) set(a.c[k], 0);
}
SERIES void add_to(Series<R, M>& s, const Series<R, M>& a) {
    UNROLL for (int k = 0; k < M; ++k) add_to(s.c[k], a.c[k]);
}
SERIES void add_scaled(Series<R, M>& s, const Series<R, M>& a, typename Ground<R>::T x) {
    UNROLL for (int k = 0; k < M; ++k) add_scaled(s.c[k], a.c[k], x);
}
SERIES void add_product(Series<R, M>& s, const Series<R, M>& a, const Series<R, M>& b) {
    UNROLL for (int k = 0; k < M; ++k) {
        UNROLL for (int j = 0; j <= k; ++j) add_product(s.c[k], a.c[j], b.c[k - j]);
    }
}
SERIES void add_product(Series<R, M>& s, const Series<R, M>& a, typename Ground<R>::T x) { add_scaled(s, a, x); }
SERIES Series<R, M> sum(Series<R, M> a, const Series<R, M>& b) {
    add_to(a, b);
    return a;
}
SERIES Series<R, M> scaled(const Series<R, M>& a, typename Ground<R>::T x) {
    Series<R, M> s;
    UNROLL for (int k = 0; k < M; ++k) s.c[k] = scaled(a.c[k], x);
    return s;
}
SERIES Series<R, M> shifted(Series<R, M> a, typename Ground<R>::T x) {
    a.c[0] = shifted(a.c[0], x);
    return a;
}
SERIES Series<R, M> difference(const Series<R, M>& a, const Series<R, M>& b) {
    Series<R, M> s;
    UNROLL for (int k = 0; k < M; ++k) s.c[k] = difference(a.c[k], b.c[k]);
    return s;
}
SERIES Series<R, M> product(const Series<R, M>& a, const Series<R, M>& b) {
    Series<R, M> s;
    set(s, 0);
    add_product(s, a, b);
    return s;
}
SERIES Series<R, M> quotient(const Series<R, M>& a, const Series<R, M>& b) {
    Series<R, M> q;
    q.c[0] = quotient(a.c[0], b.c[0]);
    UNROLL for (int k = 1; k < M; ++k) {
        R s = a.c[k];
        UNROLL for (int j = 1; j <= k; ++j) s = difference(s, product(b.c[j], q.c[k - j]));
        q.c[k] = quotient(s, b.c[0]);
    }
    return q;
}
SERIES Series<R, M> recip(const Series<R, M>& a) {
    Series<R, M> one;
    set(one, 1);
    return quotient(one, a);
}
// The coefficient of t^k of the function whose derivative is g a'.
SERIES R integral(const Series<R, M>& a, const Series<R, M>& g, int k) {
    typedef typename Ground<R>::T T;
    R s;
    set(s, 0);
    UNROLL for (int j = 1; j <= k; ++j) add_scaled(s, product(a.c[j], g.c[k - j]), T(j) / T(k));
    return s;
}
SERIES Series<R, M> exp_of(const Series<R, M>& a) {
    Series<R, M> e;
    e.c[0] = exp_of(a.c[0]);
    UNROLL for (int k = 1; k < M; ++k) e.c[k] = integral(a, e, k);
    return e;
}
SERIES Series<R, M> ln_of(const Series<R, M>& a) {
    typedef typename Ground<R>::T T;
    Series<R, M> l;
    l.c[0] = ln_of(a.c[0]);
    UNROLL for (int k = 1; k < M; ++k) {
        R s = a.c[k];
        UNROLL for (int j = 1; j < k; ++j) add_scaled(s, product(l.c[j], a.c[k - j]), -T(j) / T(k));
        l.c[k] = quotient(s, a.c[0]);
    }
    return l;
}
// The derivative is 1 - t².
SERIES Series<R, M> tanh_of(const Series<R, M>& a) {
    Series<R, M> t, g;
    t.c[0] = tanh_of(a.c[0]);
    g.c[0] = shifted(scaled(product(t.c[0], t.c[0]), -1), 1);
    UNROLL for (int k = 1; k < M; ++k) {
        t.c[k] = integral(a, g, k);
        set(g.c[k], 0);
        UNROLL for (int j = 0; j <= k; ++j) g.c[k] = difference(g.c[k], product(t.c[j], t.c[k - j]));
    }
    return t;
}
// The derivative is s - s².
SERIES Series<R, M> sigmoid_of(const Series<R, M>& a) {
    Series<R, M> s, g;
    s.c[0] = sigmoid_of(a.c[0]);
    g.c[0] = difference(s.c[0], product(s.c[0], s.c[0]));
    UNROLL for (int k = 1; k < M; ++k) {
        s.c[k] = integral(a, g, k);
        g.c[k] = s.c[k];
        UNROLL for (int j = 0; j <= k; ++j) g.c[k] = difference(g.c[k], product(s.c[j], s.c[k - j]));
    }
    return s;
}
SERIES Series<R, M> softplus_of(const Series<R, M>& a) {
    const Series<R, M> g = sigmoid_of(a);
    Series<R, M> p;
    p.c[0] = softplus_of(a.c[0]);
    UNROLL for (int k = 1; k < M; ++k) p.c[k] = integral(a, g, k);
    return p;
}
SERIES Series<R, M> erf_of(const Series<R, M>& a) {
    typedef typename Ground<R>::T T;
    const Series<R, M> g = scaled(exp_of(scaled(product(a, a), -1)), T(1.1283791670955126));  // 2 / √π
    Series<R, M> e;
    e.c[0] = erf_of(a.c[0]);
    UNROLL for (int k = 1; k < M; ++k) e.c[k] = integral(a, g, k);
    return e;
}
SERIES void sin_cos(const Series<R, M>& a, Series<R, M>& s, Series<R, M>& c) {
    sin_cos(a.c[0], s.c[0], c.c[0]);
    UNROLL for (int k = 1; k < M; ++k) {
        s.c[k] = integral(a, c, k);
        c.c[k] = scaled(integral(a, s, k), -1);
    }
}
SERIES Series<R, M> sqrt_of(const Series<R, M>& a) {
    Series<R, M> r;
    r.c[0] = sqrt_of(a.c[0]);
    UNROLL for (int k = 1; k < M; ++k) {
        R s = a.c[k];
        UNROLL for (int j = 1; j < k; ++j) s = difference(s, product(r.c[j], r.c[k - j]));
        r.c[k] = quotient(s, scaled(r.c[0], 2));
    }
    return r;
}
SERIES Series<R, M> powf_of(const Series<R, M>& a, typename Ground<R>::T x) {
    typedef typename Ground<R>::T T;
    Series<R, M> p;
    p.c[0] = powf_of(a.c[0], x);
    UNROLL for (int k = 1; k < M; ++k) {
        R s;
        set(s, 0);
        UNROLL for (int j = 1; j <= k; ++j) add_scaled(s, product(a.c[j], p.c[k - j]), (x * T(j) - T(k - j)) / T(k));
        p.c[k] = quotient(s, a.c[0]);
    }
    return p;
}

// Sums with a component of θ as a factor. L counts the directions of the series around.
template <int L, class T, int Q> DEV void add_weighted(T& s, const Line<T, Q>& w, T a) { s += w.v * a; }
template <int L, class R, int M, class T, int Q> DEV void add_weighted(Series<R, M>& s, const Line<T, Q>& w, const Series<R, M>& a) {
    UNROLL for (int k = 0; k < M; ++k) {
        add_weighted<L + 1>(s.c[k], w, a.c[k]);
        if (k) add_scaled(s.c[k], a.c[k - 1], w.s[L]);
    }
}
template <int L, class R, int M, class T, int Q> DEV void add_weighted(Series<R, M>& s, const Line<T, Q>& w, T x) {
    add_weighted<L + 1>(s.c[0], w, x);
    if (M > 1) first(s.c[M > 1]) += w.s[L] * x;
}
template <class A, class T, int Q> DEV A lifted(const Line<T, Q>& w) {
    A a;
    set(a, 0);
    add_weighted<0>(a, w, T(1));
    return a;
}
template <class A, class T> DEV A constant(T x) {
    A a;
    set(a, x);
    return a;
}

// Of graphs.
template <class A> DEV A sin_of(const A& a) {
    A s, c;
    sin_cos(a, s, c);
    return s;
}
template <class A> DEV A cos_of(const A& a) {
    A s, c;
    sin_cos(a, s, c);
    return c;
}
template <class A> DEV A sum_product(A s, const A& a, const A& b) {
    add_product(s, a, b);
    return s;
}
template <class A> DEV A negative(const A& a) { return scaled(a, -1); }
template <class A> DEV typename Ground<A>::T above(const A& a, const A& b) { return primal(a) > primal(b) ? 1 : 0; }
template <class A> DEV A relu_of(const A& a) { return primal(a) > 0 ? a : constant<A, typename Ground<A>::T>(0); }
template <class A> DEV A abs_of(const A& a) { return primal(a) > 0 ? a : negative(a); }
template <class A> DEV A max_of(const A& a, const A& b) { return primal(a) > primal(b) ? a : b; }
template <class A> DEV A log_add_exp(const A& a, const A& b) {
    const bool less = primal(a) < primal(b);
    const A &most = less ? b : a, &least = less ? a : b;
    return sum(most, softplus_of(difference(least, most)));
}
