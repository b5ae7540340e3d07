using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.Bf16;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Products of bfloat16 numbers in every set of kernels, against sums in the same order of numbers rounded here: all bits must agree.</summary>
public sealed unsafe class Bf16GemmTests
{
    private const float Low = -1.5f;
    private const float High = 2;

    public static TheoryData<string> Sets => [.. MicrokernelCatalog.SetNames];

    [SkippableTheory]
    [MemberData(nameof(Sets))]
    public void Products_have_the_bits_of_pairs_in_order(string name)
    {
        MicrokernelSet? set = MicrokernelCatalog.Supported.FirstOrDefault(supported => supported.Name == name);
        Skip.If(set is null, $"{name}: this machine lacks its instructions");
        var random = new Random(6);
        foreach (int rows in (int[])[1, 2, 5, 6, 7, 13])
        {
            foreach (int columns in (int[])[1, 3, 15, 16, 17, 33, 48, 64, 65, 130])
            {
                ConvolutionShape shape = ConvolutionShape.MatMul(rows, 2 * random.Next(1, 70), columns);
                Check(set.Bf16, shape, random, hasResidual: columns % 2 == 0);
            }
        }
        foreach (ConvolutionShape shape in ConvolutionCases.All.Where(shape => shape.InputChannels % 2 == 0))
            Check(set.Bf16, shape, random, hasResidual: false);
    }

    [SkippableFact]
    public void Numbers_are_rounded_to_even_and_denormals_to_zero()
    {
        Bf16Products emitted = MicrokernelCatalog.Supported.First().Bf16;
        Skip.If(emitted is WidenedBf16Products, "this machine lacks AVX-512 BF16");
        float[] given = [.. Enumerable.Range(0, 96).Select(i => i % 6 == 5 ? 1e-39f : BitConverter.Int32BitsToSingle(0x3F800000 + (i << 15) + (i % 3) - 1)), float.PositiveInfinity, -0f];
        ushort[] rounded = new ushort[given.Length];
        fixed (float* source = given)
        fixed (ushort* target = rounded)
            emitted.Round(source, (byte*)target, given.Length);
        Assert.Equal(given.Select(Rounded), rounded.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)));
    }

    private static void Check(Bf16Products products, ConvolutionShape shape, Random random, bool hasResidual)
    {
        var operands = ConvolutionOperands.Random(shape, random, hasResidual);
        Assert.Equal(operands.Convolve(shape, Low, High, Rounded, swapsPairs: true), Actual(products, shape, operands));
    }

    private static float[] Actual(Bf16Products products, ConvolutionShape shape, ConvolutionOperands operands)
    {
        var (input, weights, scale, bias, residual) = operands;
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        int zeroBytes = sizeof(float) * (shape.InputChannels + 64);
        var arena = new AlignedMemory(zeroBytes + (products.ElementBytes * (long)input.Length));
        fixed (float* source = input)
            products.Round(source, arena.Pointer + zeroBytes, input.Length);
        F32Panels panels = products.Pack(weights, taps, depth, shape.OutputChannels, scale, bias);
        RowOffsets rows = RowOffsets.Of(shape, products.Tiles.Contract.Mr, shape.InputChannels * products.ElementBytes, zeroBytes, 0);
        var product = new F32Gemm(products.Tiles, panels, rows, depth * products.ElementBytes, shape.OutputChannels, threads: 2);
        float[] output = new float[shape.Rows * shape.OutputChannels];
        fixed (float* target = output, added = residual)
        {
            for (int block = product.Blocks - 1; block >= 0; block--)
                product.Run(arena.Pointer, target, residual is null ? null : added, Low, High, block);
        }
        return output;
    }

    private static float Rounded(float value)
    {
        if (float.IsSubnormal(value))
            return 0;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint half = bits & 0xFFFF;
        uint upper = bits >> 16;
        bool isRoundedUp = half > 0x8000 || (half == 0x8000 && upper % 2 == 1);
        return BitConverter.UInt32BitsToSingle((isRoundedUp ? upper + 1 : upper) << 16);
    }
}
