using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.F32;

/// <summary>GEMM kernels with float sums of one instruction set: tiles of 1 to Mr rows and 1 to Nr / <see cref="Lanes"/> vectors.</summary>
internal abstract unsafe class F32GemmKernels(int mr, int lanes, int vectors, int kr)
{
    private const int MaxVectors = 4;

    /// <summary>Columns of a vector.</summary>
    public int Lanes { get; } = lanes;

    public MicrokernelContract Contract { get; } = MicrokernelContract.Gemm(mr, lanes * vectors, kr, overreadBytes: 0);

    public static F32GemmKernels Of<TIsa, TVector>()
        where TIsa : struct, IFloatIsa<TVector>
        where TVector : struct =>
        new IntrinsicF32GemmKernels(TIsa.Mr, TIsa.Lanes, TIsa.NrVectors,
        [
            &F32GemmKernel<TIsa, TVector>.Run<Count1, Count1>, &F32GemmKernel<TIsa, TVector>.Run<Count1, Count2>, &F32GemmKernel<TIsa, TVector>.Run<Count1, Count3>, &F32GemmKernel<TIsa, TVector>.Run<Count1, Count4>,
            &F32GemmKernel<TIsa, TVector>.Run<Count2, Count1>, &F32GemmKernel<TIsa, TVector>.Run<Count2, Count2>, &F32GemmKernel<TIsa, TVector>.Run<Count2, Count3>, &F32GemmKernel<TIsa, TVector>.Run<Count2, Count4>,
            &F32GemmKernel<TIsa, TVector>.Run<Count3, Count1>, &F32GemmKernel<TIsa, TVector>.Run<Count3, Count2>, &F32GemmKernel<TIsa, TVector>.Run<Count3, Count3>, &F32GemmKernel<TIsa, TVector>.Run<Count3, Count4>,
            &F32GemmKernel<TIsa, TVector>.Run<Count4, Count1>, &F32GemmKernel<TIsa, TVector>.Run<Count4, Count2>, &F32GemmKernel<TIsa, TVector>.Run<Count4, Count3>, &F32GemmKernel<TIsa, TVector>.Run<Count4, Count4>,
            &F32GemmKernel<TIsa, TVector>.Run<Count5, Count1>, &F32GemmKernel<TIsa, TVector>.Run<Count5, Count2>, &F32GemmKernel<TIsa, TVector>.Run<Count5, Count3>, &F32GemmKernel<TIsa, TVector>.Run<Count5, Count4>,
            &F32GemmKernel<TIsa, TVector>.Run<Count6, Count1>, &F32GemmKernel<TIsa, TVector>.Run<Count6, Count2>, &F32GemmKernel<TIsa, TVector>.Run<Count6, Count3>, &F32GemmKernel<TIsa, TVector>.Run<Count6, Count4>,
        ]);

    /// <summary>The kernel of full tiles by name; smaller tiles are its tails.</summary>
    public virtual Microkernel Describe(string isa) => new("f32_gemm", $"{Contract.Mr}x{Contract.Nr}", isa, Contract);

    /// <summary>Runs the kernel of a tile size.</summary>
    public void Run(F32GemmTile* tile, int rows, int vectors)
    {
        Contract.Check(rows, vectors * Lanes, tile->Weights);
        Run(tile, ((rows - 1) * MaxVectors) + vectors - 1);
    }

    /// <summary>Runs a kernel by its number: by rows, then by vectors.</summary>
    protected abstract void Run(F32GemmTile* tile, int kernel);

    /// <summary>Kernels that the JIT compiles from intrinsics.</summary>
    private sealed class IntrinsicF32GemmKernels(int mr, int lanes, int vectors, delegate*<F32GemmTile*, void>[] kernels) : F32GemmKernels(mr, lanes, vectors, kr: 1)
    {
        protected override void Run(F32GemmTile* tile, int kernel) => kernels[kernel](tile);
    }
}
