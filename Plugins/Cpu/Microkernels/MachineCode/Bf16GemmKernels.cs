using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Gemm.Bf16;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.MachineCode;

/// <summary>
/// Tile kernels of <c>vdpbf16ps</c> on 512-bit vectors, for which .NET has no intrinsic: machine code written to executable memory at the first use, on x64 Linux. A self-test must agree with plain sums before they
/// are used.
/// </summary>
internal sealed unsafe class Bf16GemmKernels : F32GemmKernels
{
    private const int MaxRows = 6;
    private const int MaxVectors = 4;
    private const int VectorColumns = 16;
    private const int Bf16Bit = 5;
    private const int RoundedAtOnce = 32;

    /// <summary>Pairs of a row below which a call takes about a microsecond, so that a garbage collection may wait for it.</summary>
    private const int ShortDepth = 256;

    private static readonly Lazy<Bf16GemmKernels?> Instance = new(Create);

    private readonly ExecutableMemory memory;
    private readonly int[] plain;
    private readonly int[] addingResidual;
    private readonly int rounding;

    private Bf16GemmKernels(ExecutableMemory memory, int[] plain, int[] addingResidual, int rounding)
        : base(MaxRows, VectorColumns, MaxVectors, Bf16Products.Pair)
    {
        this.memory = memory;
        this.plain = plain;
        this.addingResidual = addingResidual;
        this.rounding = rounding;
    }

    /// <summary>The kernels, or null where they cannot run.</summary>
    public static Bf16GemmKernels? TryGet() => Instance.Value;

    /// <summary>The kernels by name, also where they cannot run.</summary>
    public static Microkernel Described(string isa)
    {
        var contract = MicrokernelContract.Gemm(MaxRows, MaxVectors * VectorColumns, Bf16Products.Pair, overreadBytes: 0);
        return new("bf16_gemm", $"{contract.Mr}x{contract.Nr}c{contract.Kr}", isa, contract);
    }

    public override Microkernel Describe(string isa) => Described(isa);

    /// <summary>Rounds as many floats as fill vectors.</summary>
    /// <returns>How many these are.</returns>
    public nint Round(float* source, ushort* target, nint count)
    {
        nint vectors = count / RoundedAtOnce;
        if (vectors > 0)
            ((delegate* unmanaged<float*, ushort*, nint, void>)(memory.Pointer + rounding))(source, target, vectors);
        return vectors * RoundedAtOnce;
    }

    protected override void Run(F32GemmTile* tile, int kernel)
    {
        byte* code = memory.Pointer + (tile->Residual == null ? plain : addingResidual)[kernel];
        if (tile->Taps * tile->Depth <= ShortDepth)
            ((delegate* unmanaged[SuppressGCTransition]<F32GemmTile*, void>)code)(tile);
        else
            ((delegate* unmanaged<F32GemmTile*, void>)code)(tile);
    }

    private static Bf16GemmKernels? Create()
    {
        bool isKnownMachine = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Avx512BW.IsSupported && (X86Base.CpuId(7, 1).Eax >> Bf16Bit & 1) == 1;
        if (!isKnownMachine)
            return null;
        var emitted = new List<byte>();
        int[] withoutResidual = Emit(emitted, hasResidual: false);
        int[] withResidual = Emit(emitted, hasResidual: true);
        int roundingStart = emitted.Count;
        emitted.AddRange(Bf16GemmEmitter.EmitRounding());
        if (ExecutableMemory.TryCreate([.. emitted]) is not { } memory)
            return null;
        var kernels = new Bf16GemmKernels(memory, withoutResidual, withResidual, roundingStart);
        return kernels.IsRight() ? kernels : null;
    }

    /// <summary>Appends the kernels of all tile sizes.</summary>
    /// <returns>Where each starts.</returns>
    private static int[] Emit(List<byte> emitted, bool hasResidual)
    {
        int[] starts = new int[MaxRows * MaxVectors];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = emitted.Count;
            emitted.AddRange(Bf16GemmEmitter.Emit((i / MaxVectors) + 1, (i % MaxVectors) + 1, hasResidual));
        }
        return starts;
    }

    /// <summary>Compares a product of every tile size with the float kernels' on the same rounded numbers.</summary>
    private bool IsRight()
    {
        const int depth = 12;
        const float low = -2;
        const float high = 3;
        var products = new EmittedBf16Products(this);
        var widened = new WidenedBf16Products(F32GemmKernels.Of<ScalarFloatIsa, float>());
        float[] numbers = new float[2 * MaxRows * MaxVectors * VectorColumns];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = ((i * 37 % 101) - 50) * 0.0123f;
        AlignedMemory residual = AlignedMemory.Of<float>(numbers);
        for (int rows = 1; rows <= MaxRows; rows++)
        {
            for (int columns = VectorColumns; columns <= MaxVectors * VectorColumns; columns += VectorColumns)
            {
                foreach (float* added in (float*[])[null, (float*)residual.Pointer])
                {
                    float[] expected = Product(widened, numbers, rows, depth, columns, added, low, high);
                    if (!expected.AsSpan().SequenceEqual(Product(products, numbers, rows, depth, columns, added, low, high)))
                        return false;
                }
            }
        }
        return true;
    }

    private static float[] Product(Bf16Products products, float[] numbers, int rows, int depth, int columns, float* residual, float low, float high)
    {
        var input = new AlignedMemory(rows * depth * sizeof(float));
        fixed (float* source = numbers)
            products.Round(source, input.Pointer, rows * depth);
        F32Panels panels = products.Pack(numbers.AsSpan(0, depth * columns), 1, depth, columns, scale: [], numbers.AsSpan(depth, columns));
        var offsets = Gemm.RowOffsets.Of(Gemm.ConvolutionShape.MatMul(rows, depth, columns), products.Tiles.Contract.Mr, depth * products.ElementBytes, 0, 0);
        var gemm = new F32Gemm(products.Tiles, panels, offsets, depth * products.ElementBytes, columns, threads: 1);
        var output = new AlignedMemory(rows * columns * sizeof(float));
        for (int block = 0; block < gemm.Blocks; block++)
            gemm.Run(input.Pointer, (float*)output.Pointer, residual, low, high, block);
        GC.KeepAlive(input);
        return output.Span<float>().ToArray();
    }
}

/// <summary>Products by <c>vdpbf16ps</c>: rounded numbers of two bytes, the weights of a pair side by side.</summary>
internal sealed unsafe class EmittedBf16Products(Bf16GemmKernels kernels) : Bf16Products(kernels, sizeof(ushort))
{
    public override void Round(float* source, byte* target, nint count)
    {
        var rounded = (ushort*)target;
        for (nint i = kernels.Round(source, rounded, count); i < count; i++)
            rounded[i] = Round(source[i]);
    }

    protected override F32Panels PackScaled(float[] weights, int taps, int depth, int columns, ReadOnlySpan<float> bias)
    {
        float[] pairs = new float[weights.Length / Pair];
        for (int i = 0; i < pairs.Length; i++)
        {
            int first = (i / columns * Pair * columns) + (i % columns);
            pairs[i] = BitConverter.UInt32BitsToSingle(Round(weights[first]) | ((uint)Round(weights[first + columns]) << 16));
        }
        return F32Panels.Pack(Tiles, pairs, taps, depth / Pair, columns, scale: [], bias);
    }
}
