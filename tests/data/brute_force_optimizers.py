#!/usr/bin/env python3
"""Exact power series of optimizers by brute force.

    brute_force_optimizers.py SEED CASES OUTPUT [ORDERS]   write random cases with their series; ORDERS as 3,3,4
    brute_force_optimizers.py --reproduce FILE [NAME...]    recompute the series of the cases in a file and compare

The format is what `exact_series` reads. Nothing here knows about diagrams: the weights are power series in the learning rate η, truncated
after the order of the case; every training set, every draw of the sampling and every draw of the noise is run, in exact rational arithmetic.
"""

import json
import random
import sys
import time
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import permutations, product

# ---- power series in η: lists of order + 1 numbers ------------------------------------------------------------------------------------------


def add(a, b):
    return [x + y for x, y in zip(a, b)]


def scale(c, a):
    return [c * x if x else x for x in a]


def times(a, b):
    """The product, truncated."""
    result = [Fraction(0)] * len(a)
    for i, x in enumerate(a):
        if x:
            for j in range(len(a) - i):
                if b[j]:
                    result[i + j] += x * b[j]
    return result


def shift(a):
    """η times a."""
    return [Fraction(0)] + a[:-1]


def plus(u, v):
    """The sum of two vectors of series."""
    return [add(a, b) for a, b in zip(u, v)]


def multiple(c, v):
    """A number times a vector of series."""
    return [scale(c, a) for a in v]


def eta(c, v):
    """c η times a vector of series."""
    return [shift(scale(c, a)) for a in v]


def mean(vectors):
    total = vectors[0]
    for v in vectors[1:]:
        total = plus(total, v)
    return multiple(Fraction(1, len(vectors)), total)


# ---- losses: polynomials {exponents: coefficient} -------------------------------------------------------------------------------------------


def derivative(polynomial, i):
    result = {}
    for exponents, c in polynomial.items():
        if exponents[i]:
            lower = exponents[:i] + (exponents[i] - 1,) + exponents[i + 1 :]
            result[lower] = c * exponents[i]
    return result


class Losses:
    """`trained[x][z]`: loss of datapoint x under noise z with derivatives; `measured[x]`: the loss that is reported."""

    def __init__(self, landscape):
        self.dimension = landscape["dimension"]
        self.theta0 = [Fraction(x) for x in landscape["theta0"]]

        def read(monomials):
            polynomial = defaultdict(Fraction)
            for m in monomials:
                polynomial[tuple(m["exponents"])] += Fraction(m["coefficient"])
            return dict(polynomial)

        if "noisy_datapoints" in landscape:
            self.trained = [[read(z) for z in x] for x in landscape["noisy_datapoints"]]
            self.measured = [read(x) for x in landscape["measured_datapoints"]]
        else:
            self.measured = [read(x) for x in landscape["datapoints"]]
            self.trained = [[x] for x in self.measured]
        axes = range(self.dimension)
        self.first = {
            (x, z): [derivative(l, i) for i in axes] for x, noisy in enumerate(self.trained) for z, l in enumerate(noisy)
        }
        self.second = {key: [[derivative(g, j) for j in axes] for g in gradient] for key, gradient in self.first.items()}


class Point:
    """Weights (a vector of series) at which losses are evaluated; remembers what was evaluated."""

    def __init__(self, losses, theta):
        self.losses, self.theta = losses, theta
        one = [Fraction(1)] + [Fraction(0)] * (len(theta[0]) - 1)
        self.monomials = {(0,) * losses.dimension: one}
        self.gradients, self.hessians = {}, {}

    def monomial(self, exponents):
        if exponents not in self.monomials:
            i = next(i for i, e in enumerate(exponents) if e)
            lower = exponents[:i] + (exponents[i] - 1,) + exponents[i + 1 :]
            self.monomials[exponents] = times(self.monomial(lower), self.theta[i])
        return self.monomials[exponents]

    def loss(self, polynomial):
        total = [Fraction(0)] * len(self.theta[0])
        for exponents, c in polynomial.items():
            if c:
                total = add(total, scale(c, self.monomial(exponents)))
        return total

    def gradient(self, visit):
        if visit not in self.gradients:
            self.gradients[visit] = [self.loss(p) for p in self.losses.first[visit]]
        return self.gradients[visit]

    def hessian(self, visit):
        if visit not in self.hessians:
            self.hessians[visit] = [[self.loss(p) for p in row] for row in self.losses.second[visit]]
        return self.hessians[visit]


# ---- optimizers -----------------------------------------------------------------------------------------------------------------------------


class Optimizer:
    """Updates of a case. A state is (iterates θ_0..θ_t or kernel updates u_0..u_{t-1}, momentum buffer, point of the next gradient)."""

    def __init__(self, case, losses):
        keys = self.keys = dict(case["optimizer"])
        self.losses, self.order, self.updates, self.batch = losses, case["order"], case["updates"], case["batch_size"]
        dimension = losses.dimension
        number = lambda key, default=0: Fraction(keys.get(key, default))
        self.radius = number("sam_radius") if "sam_radius" in keys else None
        self.group = keys.get("sam_group", self.batch)
        mask = keys.get("decay_mask", [1] * dimension)
        self.decay = [number("weight_decay") * m for m in mask]
        self.decoupled = keys.get("decoupled", False)
        self.hessian = number("hessian_lambda")
        beta = keys.get("momentum")
        self.beta = None
        if beta is not None:
            self.beta = [Fraction(b) for b in (beta if isinstance(beta, list) else [beta] * self.updates)]
        self.dampening, self.nesterov = number("dampening"), keys.get("nesterov", False)
        self.sigma = [Fraction(s) for s in keys.get("learning_rate_multipliers", [1] * self.updates)]
        self.theta0 = [[x] + [Fraction(0)] * self.order for x in losses.theta0]
        self.kernel = None
        if "kernel" in keys:
            self.kernel = (
                [[Fraction(c) for c in row] for row in keys["kernel"]["a"]],
                [Fraction(c) for c in keys["kernel"]["r"]],
            )

    def start(self):
        return ([] if self.kernel else [self.theta0], None, Point(self.losses, self.theta0))

    def combined(self, coefficients, updates):
        """θ0 + Σ coefficient · update."""
        total = self.theta0
        for c, u in zip(coefficients, updates):
            total = plus(total, multiple(c, u))
        return total

    def gradient(self, point, visits):
        """The batch mean of the gradients at the weights, or at SAM's perturbed weights."""
        if self.radius is None:
            return mean([point.gradient(v) for v in visits])
        gradients = []
        for first in range(0, len(visits), self.group):
            group = visits[first : first + self.group]
            ascent = mean([point.gradient(v) for v in group])
            perturbed = Point(self.losses, plus(point.theta, eta(self.radius, ascent)))
            gradients += [perturbed.gradient(v) for v in group]
        return mean(gradients)

    def step(self, state, visits):
        """The state after an update on a batch of visits (datapoint, noise)."""
        history, buffer, point = state
        t = len(history) if self.kernel else len(history) - 1
        g = self.gradient(point, visits)
        if self.kernel:
            history = history + [eta(-1, g)]
            row = self.kernel[0][t + 1] if t + 1 < self.updates else self.kernel[1]
            return (history, None, Point(self.losses, self.combined(row, history)))
        theta, axes = point.theta, range(self.losses.dimension)
        if not self.decoupled:
            g = [add(g[i], scale(self.decay[i], theta[i])) for i in axes]
        if self.hessian:
            hessians = [point.hessian(v) for v in visits]
            h = [mean([one[i] for one in hessians]) for i in axes]
            power = g
            for _ in range(self.order):
                applied = []
                for i in axes:
                    total = [Fraction(0)] * (self.order + 1)
                    for j in axes:
                        total = add(total, times(h[i][j], power[j]))
                    applied.append(total)
                power = eta(-self.sigma[t] * self.hessian, applied)
                g = plus(g, power)
        d = g
        if self.beta is not None:
            if buffer is None:
                buffer = g
            else:
                buffer = plus(multiple(self.beta[t], buffer), multiple(1 - self.dampening, g))
            d = plus(g, multiple(self.beta[t], buffer)) if self.nesterov else buffer
        if self.decoupled:
            d = [add(d[i], scale(self.decay[i], theta[i])) for i in axes]
        theta = plus(theta, eta(-self.sigma[t], d))
        return (history + [theta], buffer, Point(self.losses, theta))

    def reported(self, state):
        """The weights that the measures are of."""
        history, _, point = state
        averaging = self.keys.get("averaging")
        if self.kernel or averaging is None:
            return point
        if "tail" in averaging:
            average = mean(history[-averaging["tail"] :])
        elif "ema" in averaging:
            gamma = Fraction(averaging["ema"])
            average = history[0]
            for theta in history[1:]:
                average = plus(multiple(gamma, average), multiple(1 - gamma, theta))
        else:
            weights = [Fraction(w) for w in averaging["weights"]]
            average = multiple(weights[0], history[0])
            for w, theta in zip(weights[1:], history[1:]):
                average = plus(average, multiple(w, theta))
        return Point(self.losses, average)


# ---- all draws ------------------------------------------------------------------------------------------------------------------------------


def draws(case):
    """Every equally likely draw of the rows of all slots, as a tuple of batches of rows."""
    train, batch, updates = case["train_points"], case["batch_size"], case["updates"]
    if case["sampling"] == "given":
        yield tuple(tuple(b) for b in case["batches"])
    elif case["sampling"] == "fresh":
        rows = iter(range(updates * batch))
        yield tuple(tuple(next(rows) for _ in range(batch)) for _ in range(updates))
    elif case["sampling"] == "with_replacement":
        for rows in product(range(train), repeat=updates * batch):
            yield tuple(rows[t * batch : (t + 1) * batch] for t in range(updates))
    else:
        epochs = updates * batch // train
        for orders in product(permutations(range(train)), repeat=epochs):
            rows = [row for order in orders for row in order]
            yield tuple(tuple(rows[t * batch : (t + 1) * batch]) for t in range(updates))


def noises(case, values):
    """Every equally likely draw of the noise, with as many numbers as slots for each update."""
    batch, updates = case["batch_size"], case["updates"]
    if case.get("noise_per") == "update":
        for z in product(range(values), repeat=updates):
            yield tuple((one,) * batch for one in z)
    else:
        for z in product(range(values), repeat=updates * batch):
            yield tuple(z[t * batch : (t + 1) * batch] for t in range(updates))


def series(case):
    """The series of all measures of a case."""
    losses = Losses(case["landscape"])
    optimizer = Optimizer(case, losses)
    points, values, dimension = len(losses.measured), len(losses.trained[0]), losses.dimension
    axes = range(dimension)
    fresh = case["sampling"] == "fresh"
    rows = case["updates"] * case["batch_size"] if fresh else case["train_points"]

    # How often each sequence of datapoints occurs, and how often each datapoint is then in the training set.
    occurs, members = Counter(), defaultdict(Counter)
    patterns = Counter(draws(case))
    for train in product(range(points), repeat=rows):
        for pattern, times_drawn in patterns.items():
            sequence = tuple(tuple(train[row] for row in batch) for batch in pattern)
            occurs[sequence] += times_drawn
            for x in train:
                members[sequence][x] += times_drawn
    total = sum(occurs.values())

    states = {(): optimizer.start()}

    def state_after(visits):
        if visits not in states:
            states[visits] = optimizer.step(state_after(visits[:-1]), visits[-1])
        return states[visits]

    zero = [Fraction(0)] * (case["order"] + 1)
    test, train_loss, square = zero, zero, zero
    first, second = [zero] * dimension, [[zero] * dimension for _ in axes]
    outcomes = {}

    def outcome(visits):
        """Of a run: measured losses of all datapoints, their mean, its square, the weights, their products."""
        if visits not in outcomes:
            point = optimizer.reported(state_after(visits))
            measured = [point.loss(l) for l in losses.measured]
            (test_loss,) = mean([[l] for l in measured])
            theta = point.theta
            products = [[times(theta[i], theta[j]) for j in axes] for i in axes]
            outcomes[visits] = (measured, test_loss, times(test_loss, test_loss), theta, products)
        return outcomes[visits]

    all_noises = list(noises(case, values))
    for sequence, count in occurs.items():
        weight = Fraction(count, total * len(all_noises))
        for z in all_noises:
            visits = tuple(tuple(zip(batch, noise)) for batch, noise in zip(sequence, z))
            measured, test_loss, squared, theta, products = outcome(visits)
            test = add(test, scale(weight, test_loss))
            square = add(square, scale(weight, squared))
            for i in axes:
                first[i] = add(first[i], scale(weight, theta[i]))
                for j in axes:
                    second[i][j] = add(second[i][j], scale(weight, products[i][j]))
            if not fresh:
                for x, often in members[sequence].items():
                    train_loss = add(train_loss, scale(Fraction(often, total * len(all_noises) * rows), measured[x]))
    result = {"test_loss": test}
    if not fresh:
        result["train_loss"] = train_loss
        result["generalization_gap"] = add(test, scale(Fraction(-1), train_loss))
    result["displacement"] = [add(first[i], scale(Fraction(-1), optimizer.theta0[i])) for i in axes]
    result["test_loss_second_moment"] = square
    result["weight_covariance"] = [
        [add(second[i][j], scale(Fraction(-1), times(first[i], first[j]))) for j in axes] for i in axes
    ]
    return text(result)


def text(numbers):
    """The same with numbers as strings."""
    if isinstance(numbers, dict):
        return {key: text(value) for key, value in numbers.items()}
    if isinstance(numbers, list):
        return [text(value) for value in numbers]
    return str(numbers)


# ---- random cases ---------------------------------------------------------------------------------------------------------------------------


def fraction(rng, largest=2, denominators=(1, 2, 3), negative=True):
    """A random rational number other than 0."""
    denominator = rng.choice(denominators)
    number = Fraction(rng.randint(1, largest * denominator), denominator)
    return str(-number if negative and rng.random() < 0.5 else number)


def polynomial(rng, dimension, degree):
    exponents = [e for e in product(range(degree + 1), repeat=dimension) if 1 <= sum(e) <= degree]
    return [
        {"exponents": list(e), "coefficient": str(Fraction(c, 2))} for e in exponents if (c := rng.randint(-4, 4)) and rng.random() < 0.8
    ]


def random_landscape(rng, order, points, values):
    dimension = 2 if rng.random() < 0.85 or order > 4 else rng.choice([1, 3])
    degree = max(order, 4)  # a node of a diagram of so many edges has at most so many neighbours
    landscape = {"dimension": dimension, "theta0": [rng.choice(["0", "1/2", "-1/2", "1", "-1"]) for _ in range(dimension)]}
    if values > 1:
        noisy = [[polynomial(rng, dimension, degree) for _ in range(values)] for _ in range(points)]
        landscape["noisy_datapoints"] = noisy
        measured = []
        clean = rng.random() < 0.5
        for x in noisy:
            if clean:
                measured.append(x[0])
            else:
                sums = defaultdict(Fraction)
                for z in x:
                    for m in z:
                        sums[tuple(m["exponents"])] += Fraction(m["coefficient"]) / len(x)
                measured.append([{"exponents": list(e), "coefficient": str(c)} for e, c in sorted(sums.items()) if c])
        landscape["measured_datapoints"] = measured
    else:
        landscape["datapoints"] = [polynomial(rng, dimension, degree) for _ in range(points)]
    return landscape


def random_run(rng, order, points, noise, values):
    """Sampling, sizes and batches of which all draws are affordable, or None."""
    sampling = rng.choice(["given", "given", "with_replacement", "shuffled_each_epoch", "fresh"])
    train, batch, updates = rng.randint(1, 4), rng.choice([1, 1, 2, 2, 3, 4]), rng.randint(1, 6)
    run = {"sampling": sampling, "train_points": train, "batch_size": batch, "updates": updates, "batches": None}
    if sampling == "fresh":
        run["train_points"] = None
        sets, patterns = points ** (updates * batch), 1
    else:
        sets = points**train
        patterns = 1
        if sampling == "given":
            run["batches"] = [rng.sample(range(train), batch) if batch <= train else None for _ in range(updates)]
            if None in run["batches"]:
                return None
            if rng.random() < 0.3:
                run["batches"] = [[(i + t * batch) % train for i in range(batch)] for t in range(updates)]
        elif sampling == "with_replacement":
            patterns = train ** (updates * batch)
        else:
            if train % batch or updates % (train // batch):
                return None
            shuffles = len(list(permutations(range(train))))
            patterns = shuffles ** (updates * batch // train)
    slots = updates * batch if noise == "slot" else updates if noise else 0
    trajectories = min(sets * patterns, points ** (updates * batch)) * values**slots
    most = {3: 1100, 4: 300, 5: 100}[order]
    if trajectories > most or sets * patterns > 20000 or updates * batch < 2:
        return None
    return run


def random_optimizer(rng, run, dimension):
    """Any combination of keys that is defined."""
    updates, batch = run["updates"], run["batch_size"]
    if rng.random() < 0.17:
        row = lambda n: [rng.choice(["0", "1", "-1", "1/2", "-1/3", "2"]) for _ in range(n)]
        return {"kernel": {"a": [row(t) for t in range(updates)], "r": row(updates)}}
    keys = {}
    inner = rng.choice(["sam", "sam", "hessian", None, None])
    if inner == "sam":
        keys["sam_radius"] = rng.choice(["-1", fraction(rng), fraction(rng)])
        groups = [k for k in range(1, batch + 1) if batch % k == 0]
        if rng.random() < 0.6:
            keys["sam_group"] = rng.choice(groups)
    elif inner == "hessian":
        keys["hessian_lambda"] = fraction(rng)
    if rng.random() < 0.4:
        keys["weight_decay"] = fraction(rng)
        if inner == "hessian" or rng.random() < 0.5:
            keys["decoupled"] = True
        if rng.random() < 0.4:
            keys["decay_mask"] = [rng.randint(0, 1) for _ in range(dimension)]
    if rng.random() < 0.5:
        if rng.random() < 0.4:
            keys["momentum"] = [fraction(rng, 1) for _ in range(updates)]
        else:
            keys["momentum"] = fraction(rng, 1, (1, 2, 3, 4))
        choice = rng.choice(["nesterov", "dampening", None])
        if choice == "nesterov":
            keys["nesterov"] = True
        elif choice == "dampening":
            keys["dampening"] = fraction(rng, 1)
    if rng.random() < 0.4:
        keys["learning_rate_multipliers"] = [fraction(rng, negative=False) for _ in range(updates)]
    averaging = rng.choice(["tail", "ema", "weights", None, None, None])
    if averaging == "tail":
        keys["averaging"] = {"tail": rng.randint(1, updates + 1)}
    elif averaging == "ema":
        keys["averaging"] = {"ema": rng.choice(["1/2", "1/3", "3/4", "-1/2"])}
    elif averaging == "weights":
        weights = [Fraction(fraction(rng)) for _ in range(updates)]
        keys["averaging"] = {"weights": [str(w) for w in weights] + [str(1 - sum(weights))]}
    return keys


def name(case, at):
    keys = case["optimizer"]
    words = [case["sampling"].replace("_", "-")]
    words += [key.replace("_", "-") for key in keys if key not in ("averaging", "decoupled", "weight_decay", "momentum")]
    if "momentum" in keys:
        words.append("momenta" if isinstance(keys["momentum"], list) else "momentum")
    if "weight_decay" in keys:
        words.append("decoupled-decay" if keys.get("decoupled") else "coupled-decay")
    if "averaging" in keys:
        words += ["average-" + key for key in keys["averaging"]]
    if "noise_per" in case:
        words.append("noise-per-" + case["noise_per"])
    sizes = f"N{case['train_points']}-B{case['batch_size']}-T{case['updates']}-order{case['order']}"
    return f"{at}-" + "-".join(words) + "-" + sizes


def random_case(rng, at, orders):
    """A random case without series; its order is one of the list."""
    while True:
        order = rng.choice(orders)
        points = rng.choice([2, 3, 3])  # of two equally likely points all odd central moments are 0
        noise = rng.choice([None, None, None, "slot", "update"])
        values = rng.choice([2, 3]) if noise else 1
        run = random_run(rng, order, points, noise, values)
        if run is None:
            continue
        landscape = random_landscape(rng, order, points, values)
        case = {"name": "", "order": order, **run, "optimizer": random_optimizer(rng, run, landscape["dimension"]), "landscape": landscape}
        if noise:
            case["noise_per"] = noise
        case["name"] = name(case, at)
        return case


# ---- command line ---------------------------------------------------------------------------------------------------------------------------


def main(arguments):
    if arguments[:1] == ["--reproduce"]:
        with open(arguments[1]) as file:
            cases = json.load(file)
        for case in cases:
            if not arguments[2:] or case["name"] in arguments[2:]:
                begun = time.time()
                found = series(case)
                same = all(found.get(key) == value for key, value in case["series"].items())
                print(case["name"], "same" if same else "DIFFERS", f"{time.time() - begun:.1f} s", flush=True)
        return
    seed, count, output = arguments[:3]
    orders = [int(order) for order in arguments[3].split(",")] if arguments[3:] else [3] * 8 + [4] * 2 + [5]
    rng = random.Random(int(seed))
    cases = []
    for at in range(int(count)):
        case = random_case(rng, f"{seed}.{at}", orders)
        case["series"] = series(case)
        cases.append(case)
    with open(output, "w") as file:
        json.dump(cases, file)


if __name__ == "__main__":
    main(sys.argv[1:])
