using System.Runtime.InteropServices;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Elementwise;
using TransformFramework.Cpu.Microkernels.Gemm.Winograd;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Pooling;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Every kernel along channels, in every instruction set, against the scalar one: all bits must agree, at lengths with and without a rest.</summary>
public sealed unsafe class VectorKernelTests
{
    private const int Rows = 3;
    private const int Taps = 9;
    private const int MaxLength = 131;

    /// <summary>What runs each operation: the set, random contents, the length, and output pixels; gives what the kernel wrote.</summary>
    internal static readonly Dictionary<string, Func<MicrokernelSet, Contents, int, int, byte[]>> Operations = new(StringComparer.Ordinal)
    {
        ["f32_dwconv"] = (set, c, length, pixels) => FloatDepthwise(set.FloatVectors.Depthwise, c, length, pixels),
        ["f32_dwconv_rounded"] = (set, c, length, pixels) => FloatDepthwise(set.FloatVectors.RoundedDepthwise, c, length, pixels),
        ["f32_maxpool"] = (set, c, length, _) => Pool(set.FloatVectors.MaxPool, c, length),
        ["f32_sumpool"] = (set, c, length, _) => Pool(set.FloatVectors.SumPool, c, length),
        ["f32_affine"] = Affine,
        ["f32_bilinear"] = Bilinear,
        ["f32_winograd_input"] = WinogradInput,
        ["f32_winograd_output"] = WinogradOutput,
        ["f32_min"] = (set, c, length, _) => BitConverter.GetBytes(set.FloatVectors.Least(c.Reals, length)),
        ["f32_max"] = (set, c, length, _) => BitConverter.GetBytes(set.FloatVectors.Greatest(c.Reals, length)),
        ["s32_u8_requantize"] = Requantize,
        ["s32_f32_dequantize"] = DequantizeAccumulators,
        ["s32_zero_point_compensation"] = Compensate,
        ["s32_u8_requantize_fixed_point"] = RequantizeFixedPoint,
        ["f32_u8_quantize"] = (set, c, length, _) => Quantized(output => set.Int8Vectors.Quantize(c.Reals, output, length, new(new QuantizationRange(-0.5f, 0.75f))), length),
        ["u8_f32_dequantize"] = (set, c, length, _) => Floats(output => set.Int8Vectors.Dequantize(c.Bytes, output, length, new(new QuantizationRange(-0.5f, 0.75f))), length),
        ["f32_u8_quantize_scaled"] = (set, c, length, _) => Quantized(output => set.Int8Vectors.QuantizeScaled(c.Reals, output, length, new(120f, -1f, 1f, length % 2 == 0)), length),
        ["u8_f32_dequantize_scaled"] = (set, c, length, _) => Floats(output => set.Int8Vectors.DequantizeScaled(c.Bytes, output, length, new(0.01f, length % 2 == 0)), length),
        ["f32_u8_quantize_dynamic"] = (set, c, length, _) => Quantized(output => set.Int8Vectors.QuantizeDynamic(c.Reals, output, length, new(120f, length)), length),
        ["s32_f32_dequantize_dynamic"] = DequantizeDynamic,
        ["u8_add_scaled"] = AddScaled,
        ["u8_s32_add_linear"] = AddLinear,
        ["u8_maxpool"] = (set, c, length, _) => Int8Pool(set.Int8Vectors.MaxPool, c, length, isSigned: length % 2 == 0),
        ["u8_avgpool"] = (set, c, length, _) => Int8Pool(set.Int8Vectors.MeanPool, c, length, isSigned: false),
        ["u8_sum"] = (set, c, length, _) => BitConverter.GetBytes(set.Int8Vectors.Sum(c.Bytes, length * 3)),
        ["u8s8_dwconv"] = Int8Depthwise,
    };

    private delegate void DepthwiseKernel(DepthwiseTile* tile, int pixels);

    private delegate void PoolKernel(PoolTile* tile);

    private delegate void Int8PoolKernel(Int8PoolTile* tile);

    private delegate void ByteWriter(byte* output);

    private delegate void FloatWriter(float* output);

    public static TheoryData<string> Kernels => [.. MicrokernelCatalog.All.Where(kernel => Operations.ContainsKey(kernel.Operation)).Select(kernel => kernel.Name)];

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void A_kernel_has_the_bits_of_the_scalar_one(string kernel)
    {
        MicrokernelSet set = MicrokernelCases.SetOf(kernel);
        MicrokernelSet scalar = MicrokernelCatalog.SetOf("scalar")!;
        Microkernel described = MicrokernelCases.Find(kernel);
        var run = Operations[described.Operation];
        var contents = new Contents(new Random(5));
        foreach (int length in (int[])[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, MaxLength])
            Assert.Equal(run(scalar, contents, length, described.Contract.Mr), run(set, contents, length, described.Contract.Mr));
    }

    private static byte[] FloatDepthwise(DepthwiseKernel kernel, Contents c, int length, int pixels) => Floats(
        output =>
        {
            DepthwiseTile tile = new()
            {
                Input = c.Reals,
                PixelStride = length,
                RowStride = 3 * length,
                TapStride = length,
                TapRows = 3,
                TapColumns = 2,
                Weights = c.Reals + 777,
                WeightRowStride = 3 * length,
                WeightTapStride = length,
                Bias = c.Reals + 99,
                Output = output,
                OutputStride = length,
                Channels = length,
                Low = -0.5f,
                High = 2,
            };
            kernel(&tile, pixels);
        },
        pixels * length);

    private static byte[] WinogradInput(MicrokernelSet set, Contents c, int length, int pixels) => Floats(
        output =>
        {
            int* offsets = stackalloc int[WinogradTile.Products];
            for (int i = 0; i < WinogradTile.Products; i++)
                offsets[i] = i * 5 % 16 * length * sizeof(float);
            WinogradInput tile = new() { Base = (byte*)c.Reals, Pixels = offsets, Output = output, MatrixStride = length, Channels = length };
            set.FloatVectors.WinogradInput(&tile);
        },
        WinogradTile.Products * length);

    private static byte[] WinogradOutput(MicrokernelSet set, Contents c, int length, int pixels) => Floats(
        output =>
        {
            WinogradOutput tile = new()
            {
                Input = c.Reals,
                MatrixStride = length,
                Bias = c.Reals + 77,
                Residual = length % 2 == 0 ? null : c.Reals + 555,
                Output = output,
                Rows = 1 + (length % 2),
                Columns = 2 - (length % 3 / 2),
                RowStride = 2 * length,
                PixelStride = length,
                Channels = length,
                Low = -0.5f,
                High = 2,
            };
            set.FloatVectors.WinogradOutput(&tile);
        },
        4 * length);

    private static byte[] Pool(PoolKernel kernel, Contents c, int length) => Floats(
        output =>
        {
            PoolTile tile = new() { Input = c.Reals, RowStride = 3 * length, TapStride = length, TapRows = 2, TapColumns = 3, Output = output, Channels = length, Factor = 1f / 6 };
            kernel(&tile);
        },
        length);

    private static byte[] Affine(MicrokernelSet set, Contents c, int length, int pixels) => Floats(
        output =>
        {
            AffineRows rows = new() { Input = c.Reals, Scale = c.Reals + 555, Offset = c.Reals + 444, Residual = length % 2 == 0 ? null : c.Reals + 888, Output = output, Rows = Rows, Channels = length, Stride = length, Low = -0.25f, High = 6 };
            set.FloatVectors.Affine(&rows);
        },
        Rows * length);

    private static byte[] Bilinear(MicrokernelSet set, Contents c, int length, int pixels) => Floats(
        output =>
        {
            BilinearTile tile = new() { TopLeft = c.Reals, TopRight = c.Reals + 300, BottomLeft = c.Reals + 600, BottomRight = c.Reals + 900, Across = 0.3f, Down = 0.6f, Output = output, Channels = length };
            set.FloatVectors.Bilinear(&tile);
        },
        length);

    private static byte[] Requantize(MicrokernelSet set, Contents c, int length, int pixels) => Quantized(
        output =>
        {
            bool isFull = length % 3 == 0;
            RequantizeRows rows = new()
            {
                Accumulators = c.Integers,
                AccumulatorStride = length,
                Bias = isFull ? c.Reals : null,
                Scale = c.Scales,
                Residual = isFull ? c.Bytes : null,
                IsResidualSigned = length % 2 == 0,
                ResidualScale = 0.5f,
                Output = output,
                OutputStride = length,
                Rows = Rows,
                Columns = length,
                Low = length % 2 == 0 ? sbyte.MinValue : 0,
                High = length % 2 == 0 ? sbyte.MaxValue : byte.MaxValue,
            };
            set.Int8Vectors.Requantize(&rows);
        },
        Rows * length);

    private static byte[] DequantizeAccumulators(MicrokernelSet set, Contents c, int length, int pixels) => Floats(
        output =>
        {
            DequantizeAccumulatorsRows rows = new()
            {
                Accumulators = c.Integers,
                AccumulatorStride = length,
                Bias = length % 3 == 0 ? c.Reals : null,
                Units = c.Scales,
                Residual = length % 2 == 0 ? c.Reals + 333 : null,
                Output = output,
                OutputStride = length,
                Rows = Rows,
                Columns = length,
                Low = length % 5 == 0 ? 0 : float.NegativeInfinity,
                High = length % 5 == 0 ? 6 : float.PositiveInfinity,
            };
            set.Int8Vectors.DequantizeAccumulators(&rows);
        },
        Rows * length);

    private static byte[] Compensate(MicrokernelSet set, Contents c, int length, int pixels)
    {
        int[] range = new int[2 * MaxLength];
        range.AsSpan(0, MaxLength).Fill(int.MaxValue);
        range.AsSpan(MaxLength).Fill(int.MinValue);
        byte[] output = Quantized(
            output =>
            {
                fixed (int* least = range)
                {
                    ZeroPointCompensationRows rows = new()
                    {
                        Accumulators = c.Integers,
                        AccumulatorStride = length,
                        RowTerms = c.Integers + 900,
                        ColumnTerms = c.Integers + 500,
                        Output = (int*)output,
                        OutputStride = length,
                        Least = least,
                        Greatest = least + MaxLength,
                        Rows = Rows,
                        Columns = length,
                    };
                    set.Int8Vectors.CompensateZeroPoints(&rows);
                }
            },
            Rows * length * sizeof(int));
        return [.. output, .. MemoryMarshal.AsBytes(range.AsSpan())];
    }

    private static byte[] RequantizeFixedPoint(MicrokernelSet set, Contents c, int length, int pixels) => Quantized(
        output =>
        {
            var from = new QuantizationRange(-3e5f, 3e5f);
            var to = new QuantizationRange(-0.5f, 0.75f);
            FixedPointRequantizeRows rows = new()
            {
                Quantized = c.Integers,
                First = new(from, to),
                Terms = length % 2 == 0 ? null : c.Integers + 700,
                Reals = new(to),
                Wide = new(from),
                Second = new(from, to),
                Low = 3,
                High = 250,
                Output = output,
                Rows = Rows,
                Columns = length,
                Stride = length,
            };
            set.Int8Vectors.RequantizeFixedPoint(&rows);
        },
        Rows * length);

    private static byte[] DequantizeDynamic(MicrokernelSet set, Contents c, int length, int pixels) => Floats(
        output =>
        {
            int* zeroPoints = stackalloc int[Rows] { 3, 128, 255 };
            DequantizeDynamicRows rows = new()
            {
                Accumulators = c.Integers,
                AccumulatorStride = length,
                ColumnSums = c.Integers + 500,
                ColumnScales = c.Reals + 300,
                Offset = length % 2 == 0 ? null : c.Reals + 444,
                RowScales = c.Reals + 900,
                RowZeroPoints = zeroPoints,
                Output = output,
                OutputStride = length,
                Rows = Rows,
                Columns = length,
                Low = -0.25f,
                High = 6,
            };
            set.Int8Vectors.DequantizeDynamic(&rows);
        },
        Rows * length);

    private static byte[] AddScaled(MicrokernelSet set, Contents c, int length, int pixels) => Quantized(
        output =>
        {
            QuantizedSum sum = new()
            {
                X = new() { Quantized = c.Bytes, Scale = new(0.02f, length % 2 == 0) },
                Y = new() { Quantized = c.Bytes + 500, Scale = new(0.01f, length % 3 == 0) },
                Low = 0,
                High = 3,
                Scaling = new(64, -2, 2, length % 2 == 0),
                Output = output,
                Count = length,
            };
            set.Int8Vectors.AddScaled(&sum);
        },
        length);

    private static byte[] AddLinear(MicrokernelSet set, Contents c, int length, int pixels)
    {
        int least = 0;
        int greatest = 0;
        byte[] output = Quantized(
            output =>
            {
                LinearSum sum = new() { X = c.Bytes, Y = c.Bytes + 400, ScaleX = 12345, ScaleY = -777, Offset = 99, Output = (int*)output, Count = length };
                set.Int8Vectors.AddLinear(&sum);
                (least, greatest) = (sum.Least, sum.Greatest);
            },
            length * sizeof(int));
        return [.. output, .. BitConverter.GetBytes(least), .. BitConverter.GetBytes(greatest)];
    }

    private static byte[] Int8Pool(Int8PoolKernel kernel, Contents c, int length, bool isSigned) => Quantized(
        output =>
        {
            Int8PoolTile tile = new() { Input = c.Bytes, RowStride = 3 * length, TapStride = length, TapRows = 2, TapColumns = 3, Output = output, Channels = length, IsSigned = isSigned };
            kernel(&tile);
        },
        length);

    private static byte[] Int8Depthwise(MicrokernelSet set, Contents c, int length, int pixels) => Quantized(
        output =>
        {
            bool requantizes = length % 3 != 0;
            Int8DepthwiseTile tile = new()
            {
                Input = c.Bytes,
                PixelStride = length,
                RowStride = 3 * length,
                TapStride = length,
                TapRows = 3,
                TapColumns = 2,
                Weights = c.Weights,
                WeightRowStride = 3 * length,
                WeightTapStride = length,
                Bias = c.Integers,
                Output = (int*)output,
                OutputStride = length,
                Scale = requantizes ? c.Scales : null,
                Quantized = output,
                Low = 0,
                High = byte.MaxValue,
                Channels = length,
                IsSigned = length % 2 == 0,
            };
            set.Int8Vectors.Depthwise(&tile, pixels);
        },
        pixels * length * sizeof(int));

    private static byte[] Floats(FloatWriter run, int count) => Quantized(output => run((float*)output), count * sizeof(float));

    /// <summary>What a kernel writes; bytes after it must stay as they were.</summary>
    private static byte[] Quantized(ByteWriter run, int bytes)
    {
        const byte untouched = 0xA5;
        var memory = new AlignedMemory(bytes + MicrokernelContract.CacheLine);
        memory.Span<byte>().Fill(untouched);
        run(memory.Pointer);
        Assert.All(memory.Span<byte>()[bytes..].ToArray(), value => Assert.Equal(untouched, value));
        return memory.Span<byte>()[..bytes].ToArray();
    }

    /// <summary>Random inputs of every kind, more than any case reads.</summary>
    internal sealed class Contents
    {
        private const int Count = 16 * 3 * MaxLength;

        private readonly AlignedMemory reals = new(Count * sizeof(float));
        private readonly AlignedMemory scales = new(Count * sizeof(float));
        private readonly AlignedMemory integers = new(Count * sizeof(int));
        private readonly AlignedMemory weights = new(Taps * MaxLength * sizeof(int));
        private readonly AlignedMemory bytes = new(Count);

        public Contents(Random random)
        {
            for (int i = 0; i < Count; i++)
            {
                reals.Span<float>()[i] = i % 97 == 0 ? 1e-39f : (random.NextSingle() * 3) - 1.5f;
                scales.Span<float>()[i] = random.NextSingle() * 0.001f;
                integers.Span<int>()[i] = random.Next(-200_000, 200_000);
                bytes.Span<byte>()[i] = (byte)random.Next(256);
            }
            for (int i = 0; i < Taps * MaxLength; i++)
                weights.Span<int>()[i] = random.Next(-128, 128);
        }

        public float* Reals => (float*)reals.Pointer;

        public float* Scales => (float*)scales.Pointer;

        public int* Integers => (int*)integers.Pointer;

        public int* Weights => (int*)weights.Pointer;

        public byte* Bytes => bytes.Pointer;
    }
}
