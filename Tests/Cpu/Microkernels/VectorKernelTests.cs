using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Trials;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Every kernel along channels, in every instruction set, against the scalar one: all bits must agree, at lengths with and without a rest.</summary>
public sealed unsafe class VectorKernelTests
{
    private const byte Untouched = 0xA5;
    private const int MaxLength = 131;

    public static TheoryData<string> Kernels => MicrokernelCases.Named([.. VectorTrials.Operations]);

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void A_kernel_has_the_bits_of_the_scalar_one(string kernel)
    {
        MicrokernelSet set = MicrokernelCases.SetOf(kernel);
        MicrokernelSet scalar = MicrokernelCatalog.SetOf("scalar")!;
        Microkernel described = MicrokernelCases.Find(kernel);
        var operands = new TrialOperands(new Random(5), MaxLength);
        foreach (int length in (int[])[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, MaxLength])
            Assert.Equal(Run(scalar, described, operands, length), Run(set, described, operands, length));
    }

    /// <summary>What a kernel writes; bytes after it must stay as they were.</summary>
    private static byte[] Run(MicrokernelSet set, Microkernel kernel, TrialOperands operands, int length)
    {
        Trial trial = VectorTrials.Of(kernel.Operation, set, operands, length, kernel.Contract.Mr);
        var memory = new AlignedMemory(trial.Bytes + MicrokernelContract.CacheLine);
        memory.Span<byte>().Fill(Untouched);
        trial.Run(memory.Pointer);
        Assert.All(memory.Span<byte>()[trial.Bytes..].ToArray(), value => Assert.Equal(Untouched, value));
        return memory.Span<byte>()[..trial.Bytes].ToArray();
    }
}
