using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Trials;

/// <summary>Random operands of every kind for vector kernels: as many as 3 rows of the greatest length, of 16 pixels each, read.</summary>
internal sealed unsafe class TrialOperands
{
    /// <summary>Taps of a window at most.</summary>
    private const int Taps = 9;

    private const int Pixels = 16;

    /// <summary>Where the last operand of a trial begins at most.</summary>
    private const int GreatestOffset = 1024;

    private readonly AlignedMemory reals;
    private readonly AlignedMemory scales;
    private readonly AlignedMemory integers;
    private readonly AlignedMemory weights;
    private readonly AlignedMemory bytes;

    /// <param name="random">Gives the values.</param>
    /// <param name="maxLength">The greatest length of a trial.</param>
    public TrialOperands(Random random, int maxLength)
    {
        MaxLength = maxLength;
        int count = (Pixels * 3 * maxLength) + GreatestOffset;
        reals = new(count * sizeof(float));
        scales = new(count * sizeof(float));
        integers = new(count * sizeof(int));
        weights = new(Taps * maxLength * sizeof(int));
        bytes = new(count);
        for (int i = 0; i < count; i++)
        {
            reals.Span<float>()[i] = i % 97 == 0 ? 1e-39f : (random.NextSingle() * 3) - 1.5f;
            scales.Span<float>()[i] = random.NextSingle() * 0.001f;
            integers.Span<int>()[i] = random.Next(-200_000, 200_000);
            bytes.Span<byte>()[i] = (byte)random.Next(256);
        }
        for (int i = 0; i < Taps * maxLength; i++)
            weights.Span<int>()[i] = random.Next(-128, 128);
    }

    public int MaxLength { get; }

    public float* Reals => (float*)reals.Pointer;

    public float* Scales => (float*)scales.Pointer;

    public int* Integers => (int*)integers.Pointer;

    public int* Weights => (int*)weights.Pointer;

    public byte* Bytes => bytes.Pointer;
}
