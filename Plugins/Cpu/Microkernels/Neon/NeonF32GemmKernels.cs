using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>The float GEMM kernels of Arm64. 24 vectors of sums, six of inputs and one of weights fill 31 of the 32 registers.</summary>
internal sealed unsafe class NeonF32GemmKernels() : F32GemmKernels(Rows, Width, Vectors, kr: 1)
{
    private const int Rows = 6;
    private const int Width = 4;
    private const int Vectors = 4;

    private static readonly delegate*<F32GemmTile*, void>[] Kernels =
    [
        &NeonF32GemmKernel.Run<Count1, Count1>, &NeonF32GemmKernel.Run<Count1, Count2>, &NeonF32GemmKernel.Run<Count1, Count3>, &NeonF32GemmKernel.Run<Count1, Count4>,
        &NeonF32GemmKernel.Run<Count2, Count1>, &NeonF32GemmKernel.Run<Count2, Count2>, &NeonF32GemmKernel.Run<Count2, Count3>, &NeonF32GemmKernel.Run<Count2, Count4>,
        &NeonF32GemmKernel.Run<Count3, Count1>, &NeonF32GemmKernel.Run<Count3, Count2>, &NeonF32GemmKernel.Run<Count3, Count3>, &NeonF32GemmKernel.Run<Count3, Count4>,
        &NeonF32GemmKernel.Run<Count4, Count1>, &NeonF32GemmKernel.Run<Count4, Count2>, &NeonF32GemmKernel.Run<Count4, Count3>, &NeonF32GemmKernel.Run<Count4, Count4>,
        &NeonF32GemmKernel.Run<Count5, Count1>, &NeonF32GemmKernel.Run<Count5, Count2>, &NeonF32GemmKernel.Run<Count5, Count3>, &NeonF32GemmKernel.Run<Count5, Count4>,
        &NeonF32GemmKernel.Run<Count6, Count1>, &NeonF32GemmKernel.Run<Count6, Count2>, &NeonF32GemmKernel.Run<Count6, Count3>, &NeonF32GemmKernel.Run<Count6, Count4>,
    ];

    protected override void Run(F32GemmTile* tile, int kernel) => Kernels[kernel](tile);
}
