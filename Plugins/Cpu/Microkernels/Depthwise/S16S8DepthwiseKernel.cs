using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Depthwise;

/// <summary>Depthwise sums of qint16 data by qint8 weights for eight channels: accumulators[c] = Σ data[tap][c] · weights[tap][c], two taps at a time.</summary>
internal static unsafe class S16S8DepthwiseKernel
{
    /// <summary>Channels of a call.</summary>
    public const int Channels = 8;

    /// <summary>Most taps whose products add up within 32 bits.</summary>
    public const int MostTaps = 512;

    /// <summary>The kernel of a set: <c>(taps, pairs of taps, byte offset of the channels, weights, accumulators)</c>. Weights are 16 bits, the two taps of a pair by turns for each channel.</summary>
    /// <param name="set">The name of a set that this machine has.</param>
    public static delegate*<byte**, int, nint, short*, int*, void> Of(string set) => set switch
    {
        "scalar" => &RunScalar,
        "vnni" or "avxvnni" or "avx512" or "avx2" => &RunAvx2,
        _ => Sse2.IsSupported || AdvSimd.Arm64.IsSupported ? &Run128 : &RunScalar,
    };

    /// <summary>Weights as the kernels read them.</summary>
    /// <param name="filter">[taps, channels].</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="channels">Number of channels.</param>
    /// <returns>For each eight channels their pairs of taps; what is past the last is 0.</returns>
    public static AlignedMemory Pack(ReadOnlySpan<sbyte> filter, int taps, int channels)
    {
        int pairs = (taps + 1) / 2;
        short[] packed = new short[(channels + Channels - 1) / Channels * pairs * 2 * Channels];
        for (int i = 0; i < filter.Length; i++)
        {
            int tap = i / channels, channel = i % channels;
            packed[(((channel / Channels * pairs) + (tap / 2)) * 2 * Channels) + (channel % Channels * 2) + (tap % 2)] = filter[i];
        }
        return AlignedMemory.Of<short>(packed);
    }

    private static void RunScalar(byte** taps, int pairs, nint at, short* weights, int* accumulators)
    {
        new Span<int>(accumulators, Channels).Clear();
        for (int pair = 0; pair < pairs; pair++, weights += 2 * Channels)
        {
            for (int c = 0; c < Channels; c++)
                accumulators[c] += (((short*)(taps[2 * pair] + at))[c] * weights[2 * c]) + (((short*)(taps[(2 * pair) + 1] + at))[c] * weights[(2 * c) + 1]);
        }
    }

    private static void Run128(byte** taps, int pairs, nint at, short* weights, int* accumulators)
    {
        Vector128<int> low = Vector128<int>.Zero, high = Vector128<int>.Zero;
        for (int pair = 0; pair < pairs; pair++, weights += 2 * Channels)
        {
            Vector128<short> first = Vector128.Load((short*)(taps[2 * pair] + at));
            Vector128<short> second = Vector128.Load((short*)(taps[(2 * pair) + 1] + at));
            low = Vector128Int16Isa.MultiplyAdd(Lower(first, second), Vector128.Load(weights), low);
            high = Vector128Int16Isa.MultiplyAdd(Upper(first, second), Vector128.Load(weights + Channels), high);
        }
        low.Store(accumulators);
        high.Store(accumulators + Vector128<int>.Count);
    }

    private static void RunAvx2(byte** taps, int pairs, nint at, short* weights, int* accumulators)
    {
        Vector256<int> sums = Vector256<int>.Zero;
        for (int pair = 0; pair < pairs; pair++, weights += 2 * Channels)
        {
            Vector128<short> first = Vector128.Load((short*)(taps[2 * pair] + at));
            Vector128<short> second = Vector128.Load((short*)(taps[(2 * pair) + 1] + at));
            sums += Avx2.MultiplyAddAdjacent(Vector256.Create(Sse2.UnpackLow(first, second), Sse2.UnpackHigh(first, second)), Vector256.Load(weights));
        }
        sums.Store(accumulators);
    }

    private static Vector128<short> Lower(Vector128<short> even, Vector128<short> odd) => Sse2.IsSupported ? Sse2.UnpackLow(even, odd) : AdvSimd.Arm64.ZipLow(even, odd);

    private static Vector128<short> Upper(Vector128<short> even, Vector128<short> odd) => Sse2.IsSupported ? Sse2.UnpackHigh(even, odd) : AdvSimd.Arm64.ZipHigh(even, odd);
}
