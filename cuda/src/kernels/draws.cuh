// Random draws, word for word those of the processor (`draws` of the runtime): the keystream of ChaCha with 8 rounds, whose key is made of a seed and whose nonce is the
// number of a stream.
typedef unsigned long long u64;

DEV u32 rotated(u32 x, int by) { return x << by | x >> (32 - by); }
DEV void quarter_round(u32& a, u32& b, u32& c, u32& d) {
    a += b, d = rotated(d ^ a, 16);
    c += d, b = rotated(b ^ c, 12);
    a += b, d = rotated(d ^ a, 8);
    c += d, b = rotated(b ^ c, 7);
}
// The sixteen words of a block of the keystream.
DEV void keystream(const u32* key, u64 number, u64 block, u32* words) {
    const u32 start[16] = {0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u, key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7],
                           u32(block), u32(block >> 32), u32(number), u32(number >> 32)};
    UNROLL for (int i = 0; i < 16; ++i) words[i] = start[i];
    UNROLL for (int round = 0; round < 4; ++round) {
        UNROLL for (int i = 0; i < 4; ++i) quarter_round(words[i], words[4 + i], words[8 + i], words[12 + i]);
        UNROLL for (int i = 0; i < 4; ++i) quarter_round(words[i], words[4 + (i + 1) % 4], words[8 + (i + 2) % 4], words[12 + (i + 3) % 4]);
    }
    UNROLL for (int i = 0; i < 16; ++i) words[i] += start[i];
}

// A stream at a place. It keeps a block of words in memory that is its own, where they lie so many words apart.
struct Stream {
    const u32* key;
    u64 number, at, kept;
    u32* words;
    int apart;
    DEV Stream(const u32* key, u64 number, u64 at, u32* words, int apart)
        : key(key), number(number), at(at), kept(~u64(0)), words(words), apart(apart) {}
    DEV u32 word() {
        if (at / 16 != kept) {
            kept = at / 16;
            u32 block[16];
            keystream(key, number, kept, block);
            UNROLL for (int i = 0; i < 16; ++i) words[i * apart] = block[i];
        }
        return words[at++ % 16 * apart];
    }
    // A number below a bound.
    DEV u32 below(u32 bound) {
        const u64 product = u64(word()) * bound;
        u32 number = u32(product >> 32);
        const u32 rest = u32(product);
        if (rest > 0u - bound) {
            const u32 more = u32(u64(word()) * bound >> 32);
            number += u32(rest + more < rest);
        }
        return number;
    }
    // The same with exactly equal probabilities.
    DEV u32 below_unbiased(u32 bound) {
        const u32 least = (0u - bound) % bound;
        for (;;) {
            const u64 product = u64(word()) * bound;
            if (u32(product) >= least) return u32(product >> 32);
        }
    }
    // Brings a list, whose members lie so far apart, into a random order.
    DEV void shuffle(u32* list, size_t apart, u32 count) {
        u32 drawn = 0, left = 1;
        for (u32 place = 0; place < count; ++place) {
            const u32 choices = place + 1;
            if (left == 0) {
                u32 product = choices, next = choices + 1;
                for (; u64(product) * next <= 0xffffffffu; ++next) product *= next;
                drawn = below(product);
                left = next - choices;
            }
            --left;
            const u32 chosen = left == 0 ? drawn : drawn % choices;
            drawn /= choices;
            const u32 member = list[place * apart];
            list[place * apart] = list[chosen * apart];
            list[chosen * apart] = member;
        }
    }
};
