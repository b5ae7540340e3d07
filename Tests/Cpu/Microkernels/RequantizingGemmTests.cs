using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>GEMM kernels that requantize, and depthwise kernels, of every tile size against their formula; the emitter's own self-test is not trusted.</summary>
public sealed unsafe class RequantizingGemmTests
{
    private const int TapCount = 3;
    private const int Depth = 20;
    private const int Tiles = 3;

    public static TheoryData<string> Kernels => MicrokernelCases.Named("u8s8_gemm_requantize", "s16s16_gemm_requantize");

    public static TheoryData<string> DepthwiseKernels => MicrokernelCases.Named("u8s8_dwconv3x3");

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Every_tile_size_requantizes_as_the_formula_says(string kernel)
    {
        U8S8GemmKernels kernels = MicrokernelCases.SetOf(kernel).Int8Gemm;
        bool isWidened = MicrokernelCases.IsWidened(kernel);
        var random = new Random(7);
        for (int rows = 1; rows <= kernels.Contract.Mr; rows++)
        {
            for (int columns = kernels.Lanes; columns <= kernels.Contract.Nr; columns += kernels.Lanes)
            {
                Check(kernels, rows, columns, random, isWidened, isSigned: false, hasResidual: false);
                Check(kernels, rows, columns, random, isWidened, isSigned: true, hasResidual: false);
                Check(kernels, rows, columns, random, isWidened, isSigned: false, hasResidual: true);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DepthwiseKernels))]
    public void A_depthwise_kernel_requantizes_as_the_formula_says(string kernel)
    {
        Depthwise3x3Kernels kernels = MicrokernelCases.SetOf(kernel).Depthwise3x3!;
        Microkernel described = MicrokernelCases.Find(kernel);
        const int sixteen = 16;
        var random = new Random(8);
        foreach (int channels in (int[])[sixteen, 2 * sixteen, 7 * sixteen, 20 * sixteen])
        {
            for (int stride = 1; stride <= 2; stride++)
            {
                CheckDepthwise(kernels, described.Contract.Mr, stride, channels, random, isSigned: false);
                CheckDepthwise(kernels, described.Contract.Mr + 16, stride, channels, random, isSigned: true);
            }
        }
    }

    private static void CheckDepthwise(Depthwise3x3Kernels kernels, int pixels, int stride, int channels, Random random, bool isSigned)
    {
        const int columns = 51;
        var input = new AlignedMemory(3L * columns * channels);
        random.NextBytes(input.Span<byte>());
        sbyte[] weights = new sbyte[9 * channels];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        AlignedMemory packed = kernels.Pack(weights, channels, row: 0, column: 0);
        int[] bias = [.. Enumerable.Range(0, channels).Select(_ => random.Next(-5000, 5000))];
        float[] scale = [.. Enumerable.Range(0, channels).Select(_ => random.NextSingle() * 0.003f)];
        AlignedMemory biases = kernels.Arrange(bias);
        AlignedMemory scales = kernels.Arrange(scale);
        byte[] output = new byte[pixels * channels];
        float low = isSigned ? sbyte.MinValue : byte.MinValue;
        float high = isSigned ? sbyte.MaxValue : byte.MaxValue;
        nint row = columns * channels;
        fixed (byte* target = output)
        {
            Depthwise3x3Tile tile = new()
            {
                Row0 = input.Pointer,
                Row1 = input.Pointer + row,
                Row2 = input.Pointer + (2 * row),
                ColumnStride = channels,
                Weights = (sbyte*)packed.Pointer,
                Bias = (int*)biases.Pointer,
                Scale = (float*)scales.Pointer,
                Output = target,
                OutputStride = channels,
                Chunks = channels / 16,
                Low = low,
                High = high,
            };
            kernels.Run(&tile, pixels, stride);
        }
        for (int i = 0; i < output.Length; i++)
        {
            int accumulator = bias[i % channels];
            for (int tap = 0; tap < 9; tap++)
                accumulator += input.Span<byte>()[(((tap / 3 * columns) + (i / channels * stride) + (tap % 3)) * channels) + (i % channels)] * weights[(tap * channels) + (i % channels)];
            Assert.Equal((byte)(int)MathF.Round(Math.Clamp(accumulator * scale[i % channels], low, high)), output[i]);
        }
    }

    /// <summary>Three tiles below each other, with offsets of their own or with those of the first.</summary>
    private static void Check(U8S8GemmKernels kernels, int tileRows, int columns, Random random, bool isWidened, bool isSigned, bool hasResidual)
    {
        int rows = Tiles * tileRows;
        bool sharesOffsets = isWidened || isSigned;
        byte[] input = new byte[rows * TapCount * Depth];
        random.NextBytes(input);
        sbyte[] weights = new sbyte[TapCount * Depth * columns];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        for (int i = 0; i < weights.Length && kernels.Widened is not null && !isWidened; i++)
            weights[i] /= 2;
        int[] bias = [.. Enumerable.Range(0, columns).Select(_ => random.Next(-20_000, 20_000))];
        float[] scale = [.. Enumerable.Range(0, columns).Select(_ => random.NextSingle() * 0.002f)];
        byte[] residual = new byte[rows * columns];
        random.NextBytes(residual);
        byte[] output = new byte[rows * columns];
        U8S8Panels panels = U8S8Panels.Pack(kernels, weights, TapCount, Depth, columns, bias);
        Assert.Equal(isWidened, panels.IsWidened(0));
        AlignedMemory copied = isWidened ? AlignedMemory.Of<short>(Array.ConvertAll(input, value => (short)value)) : AlignedMemory.Of<byte>(input);
        int rowBytes = TapCount * Depth * sizeof(short);
        int[] offsets = isWidened
            ? [.. Enumerable.Range(0, tileRows).Select(row => row * rowBytes)]
            : [.. Enumerable.Range(0, sharesOffsets ? 1 : Tiles).SelectMany(tile => Enumerable.Range(0, TapCount * tileRows).Select(i => ((((tile * tileRows) + (i % tileRows)) * TapCount) + (i / tileRows)) * Depth))];
        float low = isSigned ? sbyte.MinValue : byte.MinValue;
        float high = isSigned ? sbyte.MaxValue : byte.MaxValue;
        const float residualScale = 0.75f;
        fixed (int* rowOffsets = offsets)
        fixed (float* factors = scale)
        fixed (byte* added = residual, target = output)
        {
            U8S8RequantizedTile tile = new()
            {
                Tile = new() { Base = copied.Pointer, Rows = rowOffsets, Taps = isWidened ? 1 : TapCount, Depth = isWidened ? rowBytes : Depth, Weights = panels.Panel(0), Output = (int*)target, OutputStride = columns, Next = copied.Pointer },
                Scale = factors,
                Residual = hasResidual ? added : null,
                Low = low,
                High = high,
                ResidualScale = residualScale,
                BaseStep = !sharesOffsets ? 0 : tileRows * (isWidened ? rowBytes : TapCount * Depth),
                RowsStep = sharesOffsets ? 0 : TapCount * tileRows * sizeof(int),
            };
            (isWidened ? kernels.Widened! : kernels).Run(&tile, tileRows, columns / kernels.Lanes, Tiles);
            Assert.True(tile.Tile.Output == (int*)(target + output.Length));
        }
        for (int i = 0; i < output.Length; i++)
        {
            int accumulator = bias[i % columns];
            for (int k = 0; k < TapCount * Depth; k++)
                accumulator += input[(i / columns * TapCount * Depth) + k] * weights[(k * columns) + (i % columns)];
            float real = (float)accumulator * scale[i % columns];
            if (hasResidual)
                real += residual[i] * residualScale;
            Assert.Equal((byte)(int)MathF.Round(Math.Clamp(real, low, high)), output[i]);
        }
    }
}
