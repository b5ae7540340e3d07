using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Random;

/// <summary>The counter-based generator Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), seeded as TensorFlow seeds it.</summary>
internal sealed class Philox
{
    private const int Rounds = 10;
    private const int Lanes = 4;
    private readonly uint[] counter = new uint[Lanes];
    private readonly uint[] lanes = new uint[Lanes];
    private readonly ulong key;
    private int used = Lanes;

    private Philox(ulong seed, ulong seed2)
    {
        key = seed;
        counter[2] = (uint)seed2;
        counter[3] = (uint)(seed2 >> 32);
    }

    /// <summary>The key, and the two halves of the counter.</summary>
    public (ulong Key, ulong Low, ulong High) State => (key, counter[0] | ((ulong)counter[1] << 32), counter[2] | ((ulong)counter[3] << 32));

    /// <summary>The generator of a key and a counter.</summary>
    public static Philox OfKey(ulong key, ulong low, ulong high)
    {
        var philox = new Philox(key, high);
        (philox.counter[0], philox.counter[1]) = ((uint)low, (uint)(low >> 32));
        return philox;
    }

    /// <summary>The generator of two seeds of TensorFlow's stateless ops, which are mixed first so that every bit of them counts.</summary>
    public static Philox OfSeeds((ulong First, ulong Second) seeds)
    {
        const ulong mixingKey = 0x3ec8f720 | (0x02461e29ul << 32);
        var mixer = OfKey(mixingKey, seeds.First, seeds.Second);
        ulong mixed = mixer.Next64();
        return OfKey(mixed, 0, mixer.Next64());
    }

    /// <summary>The generator of a node by its attributes seed and seed2; with both zero another one at each call.</summary>
    public static Philox Of(Node node)
    {
        ulong seed = (ulong)node.Long("seed");
        ulong seed2 = (ulong)node.Long("seed2");
        return seed == 0 && seed2 == 0
            ? new((ulong)System.Random.Shared.NextInt64(), (ulong)System.Random.Shared.NextInt64())
            : new(seed, seed2);
    }

    /// <summary>A generator that starts a number of steps of four values further on than this one's next step.</summary>
    public Philox Ahead(ulong steps)
    {
        var ahead = new Philox(key, 0);
        counter.CopyTo(ahead.counter, 0);
        ulong low = counter[0] | ((ulong)counter[1] << 32);
        ulong next = low + steps;
        (ahead.counter[0], ahead.counter[1]) = ((uint)next, (uint)(next >> 32));
        if (next < low && ++ahead.counter[2] == 0)
            ahead.counter[3]++;
        return ahead;
    }

    /// <summary>The next 32 random bits.</summary>
    public uint Next()
    {
        if (used == Lanes)
            Refill();
        return lanes[used++];
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong Next64()
    {
        ulong low = Next();
        return low | ((ulong)Next() << 32);
    }

    /// <summary>Uniform in [0, 1), of 23 random bits.</summary>
    public float NextSingle() => BitConverter.UInt32BitsToSingle((Next() & 0x7fffff) | (127u << 23)) - 1;

    /// <summary>Uniform in [0, 1), of 52 random bits.</summary>
    public double NextDouble()
    {
        ulong high = Next() & 0xfffff;
        return BitConverter.UInt64BitsToDouble((high << 32) | Next() | (1023ul << 52)) - 1;
    }

    /// <summary>Two independent normal values by Box and Muller, of float precision.</summary>
    public (float First, float Second) NextNormals()
    {
        float radius = MathF.Sqrt(-2 * MathF.Log(MathF.Max(NextSingle(), 1e-7f)));
        (float sine, float cosine) = MathF.SinCos(2 * MathF.PI * NextSingle());
        return (sine * radius, cosine * radius);
    }

    /// <summary>Two independent normal values by Box and Muller, of double precision.</summary>
    public (double First, double Second) NextWideNormals()
    {
        double radius = Math.Sqrt(-2 * Math.Log(Math.Max(NextDouble(), 1e-7)));
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * NextDouble());
        return (sine * radius, cosine * radius);
    }

    private void Refill()
    {
        (uint a, uint b, uint c, uint d) = (counter[0], counter[1], counter[2], counter[3]);
        (uint keyA, uint keyB) = ((uint)key, (uint)(key >> 32));
        for (int round = 0; round < Rounds; round++)
        {
            ulong first = 0xD2511F53ul * a;
            ulong second = 0xCD9E8D57ul * c;
            (a, b, c, d) = ((uint)(second >> 32) ^ b ^ keyA, (uint)second, (uint)(first >> 32) ^ d ^ keyB, (uint)first);
            keyA += 0x9E3779B9;
            keyB += 0xBB67AE85;
        }
        (lanes[0], lanes[1], lanes[2], lanes[3]) = (a, b, c, d);
        used = 0;
        for (int i = 0; i < Lanes && ++counter[i] == 0; i++)
        {
        }
    }
}
