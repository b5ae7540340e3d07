using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Trials;

/// <summary>Trials of kernels over packed weights: full tiles of GEMM, and 3 × 3 depthwise convolutions.</summary>
internal static unsafe class GemmTrials
{
    private const int Depth = 256;
    private const int Channels = 512;

    /// <summary>What channels of depthwise kernels are counted in.</summary>
    private const int Chunk = 16;

    /// <summary>Weights that no instruction set is inexact for, and such that one is.</summary>
    private const int SafeWeight = 64;
    private const int AnyWeight = 127;

    /// <summary>The trial of a kernel; null for an operation of another kind.</summary>
    public static Trial? Find(Microkernel kernel, MicrokernelSet set, Random random) => kernel.Operation switch
    {
        "f32_gemm" => Float(set.FloatGemm, sizeof(float), weights => F32Panels.Pack(set.FloatGemm, weights, 1, Depth, set.FloatGemm.Contract.Nr, [], []), random),
        "bf16_gemm" => Float(set.Bf16.Tiles, set.Bf16.ElementBytes, weights => set.Bf16.Pack(weights, 1, Depth, set.Bf16.Tiles.Contract.Nr, [], []), random),
        "u8s8_gemm" => Int8(set.Int8Gemm, random, SafeWeight, requantizes: false),
        "u8s8_gemm_requantize" => Int8(set.Int8Gemm, random, SafeWeight, requantizes: true),
        "s16s16_gemm" => Int8(set.Int8Gemm, random, AnyWeight, requantizes: false),
        "s16s16_gemm_requantize" => Int8(set.Int8Gemm, random, AnyWeight, requantizes: true),
        "s16s8_gemm" => Int16(set.Int16Gemm, random),
        "u8s8_dwconv3x3" => Depthwise3x3(set.Depthwise3x3!, kernel.Contract.Mr, Channels, random),
        _ => null,
    };

    /// <summary>The trial of kernels with float sums, over numbers of some bytes that are zero: time does not depend on them.</summary>
    private static Trial Float(F32GemmKernels kernels, int elementBytes, Func<float[], F32Panels> pack, Random random)
    {
        var (mr, nr, kr, _, _) = kernels.Contract;
        var input = new AlignedMemory(mr * (long)Depth * elementBytes);
        AlignedMemory rows = AlignedMemory.Of<int>([.. Enumerable.Range(0, mr).Select(row => row * Depth * elementBytes)]);
        F32Panels panels = pack(Array.ConvertAll(new float[Depth * nr], _ => random.NextSingle()));
        return new(SizeOf(mr, nr), mr * nr * sizeof(float), 2L * mr * nr * Depth, output =>
        {
            F32GemmTile tile = new()
            {
                Base = input.Pointer,
                Rows = (int*)rows.Pointer,
                Taps = 1,
                Depth = Depth / kr,
                Weights = panels.Panel(0),
                Next = input.Pointer,
                Output = (float*)output,
                OutputStride = nr,
                Low = float.NegativeInfinity,
                High = float.PositiveInfinity,
            };
            kernels.Run(&tile, mr, nr / kernels.Lanes);
        });
    }

    private static Trial Int8(U8S8GemmKernels set, Random random, int greatestWeight, bool requantizes)
    {
        sbyte[] weights = Array.ConvertAll(new sbyte[Depth * set.Contract.Nr], _ => (sbyte)random.Next(-greatestWeight, greatestWeight + 1));
        U8S8Panels panels = U8S8Panels.Pack(set, weights, 1, Depth, set.Contract.Nr, []);
        U8S8GemmKernels kernels = panels.IsWidened(0) ? set.Widened! : set;
        var (mr, nr, _, _, _) = kernels.Contract;
        byte[] bytes = new byte[mr * Depth];
        random.NextBytes(bytes);
        AlignedMemory input = kernels.WeightBytes == sizeof(short) ? AlignedMemory.Of<short>(Array.ConvertAll(bytes, value => (short)value)) : AlignedMemory.Of<byte>(bytes);
        int rowBytes = Depth * kernels.WeightBytes;
        AlignedMemory rows = AlignedMemory.Of<int>([.. Enumerable.Range(0, mr).Select(row => row * rowBytes)]);
        AlignedMemory scale = AlignedMemory.Of<float>(Array.ConvertAll(new float[nr], _ => random.NextSingle() * 0.001f));
        return new(SizeOf(mr, nr), mr * nr * (requantizes ? sizeof(byte) : sizeof(int)), 2L * mr * nr * Depth, output =>
        {
            U8S8RequantizedTile tile = new()
            {
                Tile = new() { Base = input.Pointer, Rows = (int*)rows.Pointer, Taps = 1, Depth = rowBytes, Weights = panels.Panel(0), Output = (int*)output, OutputStride = nr, Next = input.Pointer },
                Scale = (float*)scale.Pointer,
                High = byte.MaxValue,
            };
            if (requantizes)
                kernels.Run(&tile, mr, nr / kernels.Lanes, tiles: 1);
            else
                kernels.Run(&tile.Tile, mr, nr / kernels.Lanes);
        });
    }

    private static Trial Int16(U8S8GemmKernels kernels, Random random)
    {
        var (mr, nr, _, _, _) = kernels.Contract;
        U8S8Panels panels = U8S8Panels.Pack(kernels, Array.ConvertAll(new sbyte[Depth * nr], _ => (sbyte)random.Next(-SafeWeight, SafeWeight)), 1, Depth, nr, []);
        AlignedMemory input = AlignedMemory.Of<short>(Array.ConvertAll(new short[mr * Depth], _ => (short)random.Next(-short.MaxValue, short.MaxValue)));
        int rowBytes = Depth * sizeof(short);
        AlignedMemory rows = AlignedMemory.Of<int>([.. Enumerable.Range(0, mr).Select(row => row * rowBytes)]);
        return new(SizeOf(mr, nr), mr * nr * sizeof(int), 2L * mr * nr * Depth, output =>
        {
            U8S8GemmTile tile = new() { Base = input.Pointer, Rows = (int*)rows.Pointer, Taps = 1, Depth = rowBytes, Weights = panels.Panel(0), Output = (int*)output, OutputStride = nr, Next = input.Pointer };
            kernels.Run(&tile, mr, nr / kernels.Lanes);
        });
    }

    private static Trial Depthwise3x3(Depthwise3x3Kernels kernels, int pixels, int channels, Random random)
    {
        int row = (pixels + Depthwise3x3Kernels.Size - 1) * channels;
        var input = new AlignedMemory(Depthwise3x3Kernels.Size * (long)row);
        random.NextBytes(input.Span<byte>());
        AlignedMemory packed = kernels.Pack(Array.ConvertAll(new sbyte[Depthwise3x3Kernels.Size * Depthwise3x3Kernels.Size * channels], _ => (sbyte)random.Next(-SafeWeight, SafeWeight)), channels, row: 0, column: 0);
        AlignedMemory bias = AlignedMemory.Of<int>(new int[channels]);
        AlignedMemory scale = AlignedMemory.Of<float>(Array.ConvertAll(new float[channels], _ => random.NextSingle() * 0.003f));
        return new($"{pixels}x{channels}", pixels * channels, 2L * Depthwise3x3Kernels.Size * Depthwise3x3Kernels.Size * pixels * channels, output =>
        {
            Depthwise3x3Tile tile = new()
            {
                Row0 = input.Pointer,
                Row1 = input.Pointer + row,
                Row2 = input.Pointer + (2 * row),
                ColumnStride = channels,
                Weights = (sbyte*)packed.Pointer,
                Bias = (int*)bias.Pointer,
                Scale = (float*)scale.Pointer,
                Output = output,
                OutputStride = channels,
                Chunks = channels / Chunk,
                High = byte.MaxValue,
            };
            kernels.Run(&tile, pixels, stride: 1);
        });
    }

    private static string SizeOf(int mr, int nr) => $"{mr}x{nr}x{Depth}";
}
