using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Depthwise;

/// <summary>Depthwise sums of qint16 data by qint8 weights, eight channels at a time: accumulators[c] = Σ data[tap][c] · weights[tap][c], two taps at once.</summary>
internal static unsafe class S16S8DepthwiseKernel
{
    /// <summary>Channels of a group; calls take whole groups.</summary>
    public const int Channels = 8;

    /// <summary>Most taps whose products add up within 32 bits.</summary>
    public const int MostTaps = 512;

    /// <summary>The kernel of a set: <c>(taps, pairs of taps, byte offset of the channels, groups, weights, accumulators)</c>. Weights are 16 bits, the two taps of a pair by turns for each channel.</summary>
    /// <param name="set">The name of a set that this machine has.</param>
    public static delegate*<byte**, int, nint, int, short*, int*, void> Of(string set) => set switch
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

    private static void RunScalar(byte** taps, int pairs, nint at, int groups, short* weights, int* accumulators)
    {
        new Span<int>(accumulators, groups * Channels).Clear();
        for (int i = 0; i < groups * pairs; i++, weights += 2 * Channels)
        {
            int group = i / pairs * Channels;
            short* first = (short*)(taps[2 * (i % pairs)] + at) + group;
            short* second = (short*)(taps[(2 * (i % pairs)) + 1] + at) + group;
            for (int c = 0; c < Channels; c++)
                accumulators[group + c] += (first[c] * weights[2 * c]) + (second[c] * weights[(2 * c) + 1]);
        }
    }

    private static void Run128(byte** taps, int pairs, nint at, int groups, short* weights, int* accumulators)
    {
        for (int group = 0; group < groups; group++, at += Channels * sizeof(short), accumulators += Channels)
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
    }

    /// <summary>Four groups side by side, so that each has time for its sums.</summary>
    private static void RunAvx2(byte** taps, int pairs, nint at, int groups, short* weights, int* accumulators)
    {
        const int together = 4;
        nint groupBytes = Channels * sizeof(short);
        nint groupWeights = 2 * Channels * (nint)pairs;
        for (; groups >= together; groups -= together, at += together * groupBytes, weights += together * groupWeights, accumulators += together * Channels)
        {
            Vector256<int> sums0 = Vector256<int>.Zero, sums1 = sums0, sums2 = sums0, sums3 = sums0;
            short* w = weights;
            for (int pair = 0; pair < pairs; pair++, w += 2 * Channels)
            {
                byte* first = taps[2 * pair] + at;
                byte* second = taps[(2 * pair) + 1] + at;
                sums0 += Products(first, second, w);
                sums1 += Products(first + groupBytes, second + groupBytes, w + groupWeights);
                sums2 += Products(first + (2 * groupBytes), second + (2 * groupBytes), w + (2 * groupWeights));
                sums3 += Products(first + (3 * groupBytes), second + (3 * groupBytes), w + (3 * groupWeights));
            }
            sums0.Store(accumulators);
            sums1.Store(accumulators + Channels);
            sums2.Store(accumulators + (2 * Channels));
            sums3.Store(accumulators + (3 * Channels));
        }
        for (; groups > 0; groups--, at += groupBytes, weights += groupWeights, accumulators += Channels)
        {
            Vector256<int> sums = Vector256<int>.Zero;
            for (int pair = 0; pair < pairs; pair++)
                sums += Products(taps[2 * pair] + at, taps[(2 * pair) + 1] + at, weights + (2 * Channels * pair));
            sums.Store(accumulators);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(byte* first, byte* second, short* weights)
    {
        Vector128<short> even = Vector128.Load((short*)first), odd = Vector128.Load((short*)second);
        return Avx2.MultiplyAddAdjacent(Vector256.Create(Sse2.UnpackLow(even, odd), Sse2.UnpackHigh(even, odd)), Vector256.Load(weights));
    }

    private static Vector128<short> Lower(Vector128<short> even, Vector128<short> odd) => Sse2.IsSupported ? Sse2.UnpackLow(even, odd) : AdvSimd.Arm64.ZipLow(even, odd);

    private static Vector128<short> Upper(Vector128<short> even, Vector128<short> odd) => Sse2.IsSupported ? Sse2.UnpackHigh(even, odd) : AdvSimd.Arm64.ZipHigh(even, odd);
}
