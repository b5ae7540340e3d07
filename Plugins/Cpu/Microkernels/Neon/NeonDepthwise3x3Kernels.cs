using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>
/// 3 × 3 depthwise kernels by dot products of four (<c>sdot</c>): the three bytes of a channel in a column, less 128, and one that meets a weight of 0. Four pixels at a time share the columns that their
/// windows cover. Eight channels at a time, so that weights, sums and a column stay in registers.
/// </summary>
internal sealed unsafe class NeonDepthwise3x3Kernels : Depthwise3x3Kernels
{
    private const int Channels = 8;
    private const int VectorChannels = 4;
    private const int MostPixels = 4;
    private const int ChunkChannels = 16;
    private const int VectorBytes = 16;
    private const int ColumnBytes = 2 * VectorBytes;

    /// <summary>Of eight channels: what 128 times their weights adds to their sums, then the weights column by column.</summary>
    private const int PackedBytes = ColumnBytes + (Size * ColumnBytes);

    public override IEnumerable<Microkernel> Describe(string isa) =>
        ((int[])[1, MostPixels]).Select(pixels => new Microkernel("u8s8_dwconv3x3", $"{pixels}x{Channels}c4", isa, new(pixels, Channels, sizeof(int), MicrokernelContract.CacheLine, 0)));

    /// <summary>For each eight channels their compensation, and for each column of the window the weights of the three rows and a zero, channel by channel.</summary>
    public override AlignedMemory Pack(ReadOnlySpan<sbyte> filter, int channels, int row, int column)
    {
        var packed = new AlignedMemory((long)channels / Channels * PackedBytes);
        for (int c = 0; c < channels; c++)
        {
            byte* group = packed.Pointer + (c / Channels * PackedBytes);
            int sum = 0;
            for (int tap = 0; tap < Size * Size; tap++)
            {
                sbyte weight = Weight(filter, channels, (tap / Size) + row, (tap % Size) + column, c);
                group[ColumnBytes + (tap % Size * ColumnBytes) + (c % Channels * sizeof(int)) + (tap / Size)] = (byte)weight;
                sum += weight;
            }
            ((int*)group)[c % Channels] = -sbyte.MinValue * sum;
        }
        return packed;
    }

    public override void Run(Depthwise3x3Tile* work, int pixels, int stride)
    {
        int pixel = 0;
        for (; pixel + MostPixels <= pixels; pixel += MostPixels)
        {
            if (stride == 1)
                Run<Count4, Count1>(work, pixel, pixel);
            else
                Run<Count4, Count2>(work, pixel, pixel * stride);
        }
        for (; pixel < pixels; pixel++)
            Run<Count1, Count1>(work, pixel, pixel * stride);
    }

    private static void Run<TPixels, TStride>(Depthwise3x3Tile* work, int pixel, int column)
        where TPixels : struct, ICount
        where TStride : struct, ICount
    {
        nint columnStride = work->ColumnStride;
        nint start = column * columnStride;
        sbyte* w = work->Weights;
        for (nint c = 0; c < work->Chunks * ChunkChannels; c += Channels, w += PackedBytes)
        {
            Vector128<int> low0 = Vector128.Load(work->Bias + c) + Vector128.Load((int*)w);
            Vector128<int> high0 = Vector128.Load(work->Bias + c + VectorChannels) + Vector128.Load((int*)w + VectorChannels);
            Vector128<int> low1 = low0, low2 = low0, low3 = low0;
            Vector128<int> high1 = high0, high2 = high0, high3 = high0;
            Weights left = new(w + ColumnBytes);
            Weights middle = new(w + (2 * ColumnBytes));
            Weights right = new(w + (3 * ColumnBytes));
            Rows rows = new(work->Row0 + start + c, work->Row1 + start + c, work->Row2 + start + c);
            Add(rows.Column(0), left, ref low0, ref high0);
            Column x = rows.Column(columnStride);
            Add(x, middle, ref low0, ref high0);
            if (TPixels.Value > 1 && TStride.Value == 1)
                Add(x, left, ref low1, ref high1);
            x = rows.Column(2 * columnStride);
            Add(x, right, ref low0, ref high0);
            if (TPixels.Value > 1 && TStride.Value == 1)
            {
                Add(x, middle, ref low1, ref high1);
                Add(x, left, ref low2, ref high2);
                x = rows.Column(3 * columnStride);
                Add(x, right, ref low1, ref high1);
                Add(x, middle, ref low2, ref high2);
                Add(x, left, ref low3, ref high3);
                x = rows.Column(4 * columnStride);
                Add(x, right, ref low2, ref high2);
                Add(x, middle, ref low3, ref high3);
                Add(rows.Column(5 * columnStride), right, ref low3, ref high3);
            }
            else if (TPixels.Value > 1)
            {
                Add(x, left, ref low1, ref high1);
                Add(rows.Column(3 * columnStride), middle, ref low1, ref high1);
                x = rows.Column(4 * columnStride);
                Add(x, right, ref low1, ref high1);
                Add(x, left, ref low2, ref high2);
                Add(rows.Column(5 * columnStride), middle, ref low2, ref high2);
                x = rows.Column(6 * columnStride);
                Add(x, right, ref low2, ref high2);
                Add(x, left, ref low3, ref high3);
                Add(rows.Column(7 * columnStride), middle, ref low3, ref high3);
                Add(rows.Column(8 * columnStride), right, ref low3, ref high3);
            }
            bool isSigned = work->Low < 0;
            Vector128<float> scale0 = Vector128.Load(work->Scale + c);
            Vector128<float> scale1 = Vector128.Load(work->Scale + c + VectorChannels);
            byte* output = work->Output + (pixel * work->OutputStride) + c;
            Quantize(low0, high0, scale0, scale1, isSigned).Store(output);
            if (TPixels.Value > 1)
            {
                Quantize(low1, high1, scale0, scale1, isSigned).Store(output + work->OutputStride);
                Quantize(low2, high2, scale0, scale1, isSigned).Store(output + (2 * work->OutputStride));
                Quantize(low3, high3, scale0, scale1, isSigned).Store(output + (3 * work->OutputStride));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Column x, Weights weights, ref Vector128<int> low, ref Vector128<int> high)
    {
        low = Dp.DotProduct(low, weights.Low, x.Low);
        high = Dp.DotProduct(high, weights.High, x.High);
    }

    /// <summary>Eight sums as bytes. Those of a byte are the bounds, so narrowing with saturation clamps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector64<byte> Quantize(Vector128<int> low, Vector128<int> high, Vector128<float> scale0, Vector128<float> scale1, bool isSigned)
    {
        Vector64<short> lower = AdvSimd.ExtractNarrowingSaturateLower(AdvSimd.ConvertToInt32RoundToEven(AdvSimd.ConvertToSingle(low) * scale0));
        return NeonInt8Conversions.Narrow(AdvSimd.ExtractNarrowingSaturateUpper(lower, AdvSimd.ConvertToInt32RoundToEven(AdvSimd.ConvertToSingle(high) * scale1)), isSigned);
    }

    /// <summary>The weights of eight channels in a column of the window, four bytes a channel.</summary>
    private readonly struct Weights(sbyte* source)
    {
        public readonly Vector128<sbyte> Low = Vector128.Load(source);

        public readonly Vector128<sbyte> High = Vector128.Load(source + VectorBytes);
    }

    /// <summary>Eight channels of a column of the image, less 128: four bytes a channel, those of the three rows and the last row's again.</summary>
    private readonly struct Column(Vector128<sbyte> low, Vector128<sbyte> high)
    {
        public readonly Vector128<sbyte> Low = low;

        public readonly Vector128<sbyte> High = high;
    }

    /// <summary>Three rows of an image, from the first column that some windows cover.</summary>
    private readonly struct Rows(byte* top, byte* middle, byte* bottom)
    {
        private readonly byte* top = top;
        private readonly byte* middle = middle;
        private readonly byte* bottom = bottom;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Column Column(nint offset)
        {
            Vector128<byte> sign = Vector128.Create((byte)0x80);
            Vector128<byte> last = Vector64.Load(bottom + offset).ToVector128Unsafe();
            Vector128<byte> upper = AdvSimd.Arm64.ZipLow(Vector64.Load(top + offset).ToVector128Unsafe(), Vector64.Load(middle + offset).ToVector128Unsafe());
            Vector128<byte> lower = AdvSimd.Arm64.ZipLow(last, last);
            Vector128<byte> low = AdvSimd.Arm64.ZipLow(upper.AsInt16(), lower.AsInt16()).AsByte();
            Vector128<byte> high = AdvSimd.Arm64.ZipHigh(upper.AsInt16(), lower.AsInt16()).AsByte();
            return new((low ^ sign).AsSByte(), (high ^ sign).AsSByte());
        }
    }
}
