using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Depthwise;

/// <summary>
/// 3 × 3 depthwise kernels of 256-bit vectors: two taps of a channel are widened and multiplied together (<c>vpmaddwd</c>), which is exact for all weights. Two pixels at a time share the columns that
/// both windows cover.
/// </summary>
internal sealed unsafe class Avx2Depthwise3x3Kernels : Depthwise3x3Kernels
{
    private const int VectorChannels = 16;
    private const int Lane = 4;

    /// <summary>Taps in pairs: the upper two rows of each column, the first two columns of the last row, and its last with nothing.</summary>
    private const int Pairs = 5;

    private const int ChunkWords = Pairs * 2 * VectorChannels;
    private const byte LowerHalves = 0x20;
    private const byte UpperHalves = 0x31;
    private const byte EvenQuarters = 0b1000;

    private static readonly (int Row, int Column)[] Taps = [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 0), (2, 1), (2, 2)];

    public override IEnumerable<Microkernel> Describe(string isa) =>
        PixelCounts.Select(pixels => new Microkernel("u8s8_dwconv3x3", $"{pixels}x{VectorChannels}c2", isa, new(pixels, VectorChannels, 2, MicrokernelContract.CacheLine, 0)));

    /// <summary>For each 16 channels and pair of taps two vectors of words, tap by tap: those of channels 0–3 and 8–11, then those of 4–7 and 12–15, as unpacking has them.</summary>
    public override AlignedMemory Pack(ReadOnlySpan<sbyte> filter, int channels, int row, int column)
    {
        var packed = new AlignedMemory((long)channels / VectorChannels * ChunkWords * sizeof(short));
        Span<short> words = packed.Span<short>();
        for (int tap = 0; tap < Taps.Length; tap++)
        {
            for (int c = 0; c < channels; c++)
            {
                int place = c % VectorChannels;
                int half = place / Lane % 2;
                int lane = (place / (2 * Lane) * Lane) + (place % Lane);
                words[(c / VectorChannels * ChunkWords) + (((tap / 2 * 2) + half) * VectorChannels) + (lane * 2) + (tap % 2)] = Weight(filter, channels, Taps[tap].Row + row, Taps[tap].Column + column, c);
            }
        }
        return packed;
    }

    public override void Run(Depthwise3x3Tile* work, int pixels, int stride)
    {
        for (int pixel = 0; pixel < pixels; pixel += 2)
        {
            bool isLast = pixel + 1 == pixels;
            if (stride == 1)
                Run<Count1>(work, pixel, isLast);
            else
                Run<Count2>(work, pixel, isLast);
        }
    }

    private static void Run<TStride>(Depthwise3x3Tile* work, int pixel, bool isLast)
        where TStride : struct, ICount
    {
        if (isLast)
            Run<Count1, TStride>(work, pixel);
        else
            Run<Count2, TStride>(work, pixel);
    }

    private static void Run<TPixels, TStride>(Depthwise3x3Tile* work, int pixel)
        where TPixels : struct, ICount
        where TStride : struct, ICount
    {
        nint column = work->ColumnStride;
        nint start = pixel * TStride.Value * column;
        short* w = (short*)work->Weights;
        for (nint c = 0; c < work->Chunks * VectorChannels; c += VectorChannels, w += ChunkWords)
        {
            byte* top = work->Row0 + start + c;
            byte* middle = work->Row1 + start + c;
            byte* bottom = work->Row2 + start + c;
            Vector256<int> low0 = Avx2.Permute2x128(Vector256.Load(work->Bias + c), Vector256.Load(work->Bias + c + 8), LowerHalves);
            Vector256<int> high0 = Avx2.Permute2x128(Vector256.Load(work->Bias + c), Vector256.Load(work->Bias + c + 8), UpperHalves);
            Vector256<int> low1 = low0;
            Vector256<int> high1 = high0;
            Add(Words(top), Words(middle), w, ref low0, ref high0);
            AddShared<TPixels, TStride>(1, top, middle, column, w, ref low0, ref high0, ref low1, ref high1);
            AddShared<TPixels, TStride>(2, top, middle, column, w, ref low0, ref high0, ref low1, ref high1);
            AddPair(bottom, bottom + column, w + (6 * VectorChannels), ref low0, ref high0);
            AddPair(bottom + (2 * column), bottom + (2 * column), w + (8 * VectorChannels), ref low0, ref high0);
            if (TPixels.Value > 1)
            {
                AddSecond<TStride>(3, top, middle, column, w, ref low1, ref high1);
                AddSecond<TStride>(4, top, middle, column, w, ref low1, ref high1);
                byte* second = bottom + (TStride.Value * column);
                AddPair(second, second + column, w + (6 * VectorChannels), ref low1, ref high1);
                AddPair(second + (2 * column), second + (2 * column), w + (8 * VectorChannels), ref low1, ref high1);
            }
            Store(work, c, pixel, low0, high0);
            if (TPixels.Value > 1)
                Store(work, c, pixel + 1, low1, high1);
        }
    }

    /// <summary>A column of the first pixel, and of the second where that covers it too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddShared<TPixels, TStride>(int column, byte* top, byte* middle, nint columnStride, short* w, ref Vector256<int> low0, ref Vector256<int> high0, ref Vector256<int> low1, ref Vector256<int> high1)
        where TPixels : struct, ICount
        where TStride : struct, ICount
    {
        Vector256<short> x = Words(top + (column * columnStride));
        Vector256<short> y = Words(middle + (column * columnStride));
        Add(x, y, w + (column * 2 * VectorChannels), ref low0, ref high0);
        if (TPixels.Value > 1 && column >= TStride.Value)
            Add(x, y, w + ((column - TStride.Value) * 2 * VectorChannels), ref low1, ref high1);
    }

    /// <summary>A column that only the second pixel covers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSecond<TStride>(int column, byte* top, byte* middle, nint columnStride, short* w, ref Vector256<int> low, ref Vector256<int> high)
        where TStride : struct, ICount
    {
        if (column - TStride.Value < Size)
            Add(Words(top + (column * columnStride)), Words(middle + (column * columnStride)), w + ((column - TStride.Value) * 2 * VectorChannels), ref low, ref high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPair(byte* first, byte* second, short* w, ref Vector256<int> low, ref Vector256<int> high) => Add(Words(first), Words(second), w, ref low, ref high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<short> x, Vector256<short> y, short* w, ref Vector256<int> low, ref Vector256<int> high)
    {
        Vector256<int> lows = Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(x, y), Vector256.Load(w));
        Vector256<int> highs = Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(x, y), Vector256.Load(w + VectorChannels));
        low += lows;
        high += highs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Words(byte* source) => Avx2.ConvertToVector256Int16(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Depthwise3x3Tile* work, nint channel, int pixel, Vector256<int> low, Vector256<int> high)
    {
        Vector256<float> first = Vector256.Load(work->Scale + channel);
        Vector256<float> second = Vector256.Load(work->Scale + channel + 8);
        Vector256<short> words = Avx2.PackSignedSaturate(Level(low, Avx.Permute2x128(first, second, LowerHalves)), Level(high, Avx.Permute2x128(first, second, UpperHalves)));
        Vector256<long> bytes = work->Low < 0 ? Avx2.PackSignedSaturate(words, words).AsInt64() : Avx2.PackUnsignedSaturate(words, words).AsInt64();
        Avx2.Permute4x64(bytes, EvenQuarters).GetLower().AsByte().Store(work->Output + (pixel * work->OutputStride) + channel);
    }

    /// <summary>Accumulators to integers, which packing holds within the quantized values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Level(Vector256<int> sums, Vector256<float> scale) => Avx.ConvertToVector256Int32(Avx.ConvertToVector256Single(sums) * scale);
}
