using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Elementwise;
using TransformFramework.Cpu.Microkernels.Gemm.Strassen;
using TransformFramework.Cpu.Microkernels.Gemm.Winograd;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Pooling;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Float kernels over channels, by the vectors of one instruction set; what does not fill a vector is left to the next narrower one.</summary>
internal sealed unsafe class FloatVectors
{
    /// <summary>Most output pixels of one call of <see cref="Depthwise"/>.</summary>
    public const int MaxPixels = 8;

    /// <summary>Output pixels of a row of <see cref="DepthwisePair"/>.</summary>
    public const int PairPixels = 4;

    /// <summary>Output rows of <see cref="DepthwisePair"/>.</summary>
    public const int PairRows = 2;

    /// <summary>Floats of the widest vector.</summary>
    public const int MaxLanes = 16;

    private readonly VectorKernel<DepthwiseTile> depthwise1;
    private readonly VectorKernel<DepthwiseTile> depthwise2;
    private readonly VectorKernel<DepthwiseTile> depthwise4;
    private readonly VectorKernel<DepthwiseTile> depthwise8;
    private readonly VectorKernel<DepthwiseTile> depthwisePair;
    private readonly VectorKernel<DepthwiseTile> rounded1;
    private readonly VectorKernel<DepthwiseTile> rounded2;
    private readonly VectorKernel<DepthwiseTile> rounded4;
    private readonly VectorKernel<DepthwiseTile> rounded8;
    private readonly VectorKernel<PoolTile> maxPool;
    private readonly VectorKernel<PoolTile> sumPool;
    private readonly VectorKernel<AffineRows> affine;
    private readonly VectorKernel<BilinearTile> bilinear;
    private readonly VectorKernel<MinMaxTile> least;
    private readonly VectorKernel<MinMaxTile> greatest;
    private readonly VectorKernel<WinogradInput> winogradInput;
    private readonly VectorKernel<WinogradOutput> winogradOutput;
    private readonly VectorKernel<StrassenInput> strassenInput;
    private readonly VectorKernel<StrassenPanel> strassenPanel;
    private readonly VectorKernel<AddRows> addRows;

    private FloatVectors(
        VectorKernel<DepthwiseTile> depthwise1, VectorKernel<DepthwiseTile> depthwise2, VectorKernel<DepthwiseTile> depthwise4, VectorKernel<DepthwiseTile> depthwise8,
        VectorKernel<DepthwiseTile> depthwisePair, VectorKernel<DepthwiseTile> rounded1, VectorKernel<DepthwiseTile> rounded2, VectorKernel<DepthwiseTile> rounded4, VectorKernel<DepthwiseTile> rounded8,
        VectorKernel<PoolTile> maxPool, VectorKernel<PoolTile> sumPool, VectorKernel<AffineRows> affine, VectorKernel<BilinearTile> bilinear, VectorKernel<MinMaxTile> least, VectorKernel<MinMaxTile> greatest,
        VectorKernel<WinogradInput> winogradInput, VectorKernel<WinogradOutput> winogradOutput, VectorKernel<StrassenInput> strassenInput, VectorKernel<StrassenPanel> strassenPanel, VectorKernel<AddRows> addRows)
    {
        this.depthwise1 = depthwise1;
        this.depthwise2 = depthwise2;
        this.depthwise4 = depthwise4;
        this.depthwise8 = depthwise8;
        this.depthwisePair = depthwisePair;
        this.rounded1 = rounded1;
        this.rounded2 = rounded2;
        this.rounded4 = rounded4;
        this.rounded8 = rounded8;
        this.maxPool = maxPool;
        this.sumPool = sumPool;
        this.affine = affine;
        this.bilinear = bilinear;
        this.least = least;
        this.greatest = greatest;
        this.winogradInput = winogradInput;
        this.winogradOutput = winogradOutput;
        this.strassenInput = strassenInput;
        this.strassenPanel = strassenPanel;
        this.addRows = addRows;
    }

    /// <summary>The kernels compiled for an instruction set.</summary>
    /// <param name="narrower">The kernels that do what does not fill a vector; null for vectors of one element.</param>
    public static FloatVectors Of<TIsa, TVector>(Func<FloatVectors>? narrower)
        where TIsa : struct, IFloatIsa<TVector>
        where TVector : struct =>
        new(
            depthwise1: new("f32_dwconv", 1, TIsa.Lanes, &DepthwiseKernel<TIsa, TVector, FusedProducts<TIsa, TVector>>.Run<Count1>, () => narrower!().depthwise1),
            depthwise2: new("f32_dwconv", 2, TIsa.Lanes, &DepthwiseKernel<TIsa, TVector, FusedProducts<TIsa, TVector>>.Run<Count2>, () => narrower!().depthwise2),
            depthwise4: new("f32_dwconv", 4, TIsa.Lanes, &DepthwiseKernel<TIsa, TVector, FusedProducts<TIsa, TVector>>.Run<Count4>, () => narrower!().depthwise4),
            depthwise8: new("f32_dwconv", 8, TIsa.Lanes, &DepthwiseKernel<TIsa, TVector, FusedProducts<TIsa, TVector>>.Run<Count8>, () => narrower!().depthwise8),
            depthwisePair: new("f32_dwconv3x3_pair", PairPixels * PairRows, TIsa.Lanes, &DepthwisePairKernel<TIsa, TVector>.Run, () => narrower!().depthwisePair),
            rounded1: new("f32_dwconv_rounded", 1, TIsa.Lanes, &DepthwiseKernel<TIsa, TVector, RoundedProducts<TIsa, TVector>>.Run<Count1>, () => narrower!().rounded1),
            rounded2: new("f32_dwconv_rounded", 2, TIsa.Lanes, &DepthwiseKernel<TIsa, TVector, RoundedProducts<TIsa, TVector>>.Run<Count2>, () => narrower!().rounded2),
            rounded4: new("f32_dwconv_rounded", 4, TIsa.Lanes, &DepthwiseKernel<TIsa, TVector, RoundedProducts<TIsa, TVector>>.Run<Count4>, () => narrower!().rounded4),
            rounded8: new("f32_dwconv_rounded", 8, TIsa.Lanes, &DepthwiseKernel<TIsa, TVector, RoundedProducts<TIsa, TVector>>.Run<Count8>, () => narrower!().rounded8),
            maxPool: new("f32_maxpool", 0, TIsa.Lanes, &PoolKernel<TIsa, TVector>.Max, () => narrower!().maxPool),
            sumPool: new("f32_sumpool", 0, TIsa.Lanes, &PoolKernel<TIsa, TVector>.Sum, () => narrower!().sumPool),
            affine: new("f32_affine", 0, TIsa.Lanes, &AffineKernel<TIsa, TVector>.Run, () => narrower!().affine),
            bilinear: new("f32_bilinear", 0, TIsa.Lanes, &BilinearKernel<TIsa, TVector>.Run, () => narrower!().bilinear),
            least: new("f32_min", 0, TIsa.Lanes, &MinMaxKernel<TIsa, TVector>.Least, () => narrower!().least),
            greatest: new("f32_max", 0, TIsa.Lanes, &MinMaxKernel<TIsa, TVector>.Greatest, () => narrower!().greatest),
            winogradInput: new("f32_winograd_input", 0, TIsa.Lanes, &WinogradInputKernel<TIsa, TVector>.Run, () => narrower!().winogradInput),
            winogradOutput: new("f32_winograd_output", 0, TIsa.Lanes, &WinogradOutputKernel<TIsa, TVector>.Run, () => narrower!().winogradOutput),
            strassenInput: new("f32_strassen_input", 0, TIsa.Lanes, &StrassenInputKernel<TIsa, TVector>.Run, () => narrower!().strassenInput),
            strassenPanel: new("f32_strassen_panel", 0, TIsa.Lanes, &StrassenPanelKernel<TIsa, TVector>.Run, () => narrower!().strassenPanel),
            addRows: new("f32_add_rows", 0, TIsa.Lanes, &AddRowsKernel<TIsa, TVector>.Run, () => narrower!().addRows));

    /// <summary>The kernels by name.</summary>
    public IEnumerable<Microkernel> Describe(string isa) =>
    [
        depthwise1.Describe(isa), depthwise2.Describe(isa), depthwise4.Describe(isa), depthwise8.Describe(isa), depthwisePair.Describe(isa), rounded1.Describe(isa), rounded2.Describe(isa), rounded4.Describe(isa),
        rounded8.Describe(isa), maxPool.Describe(isa), sumPool.Describe(isa), affine.Describe(isa), bilinear.Describe(isa),
        least.Describe(isa), greatest.Describe(isa), winogradInput.Describe(isa), winogradOutput.Describe(isa), strassenInput.Describe(isa), strassenPanel.Describe(isa), addRows.Describe(isa),
    ];

    /// <summary>Sums over the taps of <paramref name="pixels"/> (8, 4, 2 or 1) windows that are side by side, each channel by its own weights.</summary>
    public void Depthwise(DepthwiseTile* tile, int pixels) => (pixels switch { 1 => depthwise1, 2 => depthwise2, 4 => depthwise4, _ => depthwise8 }).Run(tile);

    /// <summary>Windows of 3 × 3 taps and stride 1: <see cref="PairPixels"/> side by side in each of <see cref="PairRows"/> rows.</summary>
    public void DepthwisePair(DepthwiseTile* tile) => depthwisePair.Run(tile);

    /// <summary>The same as <see cref="Depthwise"/> with the bits of the reference kernel: products are rounded before they are added.</summary>
    public void RoundedDepthwise(DepthwiseTile* tile, int pixels) => (pixels switch { 1 => rounded1, 2 => rounded2, 4 => rounded4, _ => rounded8 }).Run(tile);

    /// <summary>The largest value of one window, channel by channel.</summary>
    public void MaxPool(PoolTile* tile) => maxPool.Run(tile);

    /// <summary>The sum of one window times a factor, channel by channel.</summary>
    public void SumPool(PoolTile* tile) => sumPool.Run(tile);

    /// <summary>Rows of y = clamp(x · scale + offset + residual), scale and offset by channel.</summary>
    public void Affine(AffineRows* rows) => affine.Run(rows);

    /// <summary>One pixel between four others.</summary>
    public void Bilinear(BilinearTile* tile) => bilinear.Run(tile);

    /// <summary>The pixels of a tile of Winograd's convolution, transformed.</summary>
    public void WinogradInput(WinogradInput* tile) => winogradInput.Run(tile);

    /// <summary>The output pixels of a tile of its products.</summary>
    public void WinogradOutput(WinogradOutput* tile) => winogradOutput.Run(tile);

    /// <summary>A row of the sums of the left matrix of Strassen's product.</summary>
    public void StrassenInput(StrassenInput* rows) => strassenInput.Run(rows);

    /// <summary>A panel of the sums of its right matrix.</summary>
    public void StrassenPanel(StrassenPanel* panel) => strassenPanel.Run(panel);

    /// <summary>Rows of sums of two or three matrices.</summary>
    public void AddRows(AddRows* rows) => addRows.Run(rows);

    /// <summary>The least real value; of zeros alone either may come out.</summary>
    public float Least(float* reals, nint count) => least.Gather(new() { Reals = reals, Count = count, Value = float.PositiveInfinity }).Value;

    /// <summary>The greatest real value; of zeros alone either may come out.</summary>
    public float Greatest(float* reals, nint count) => greatest.Gather(new() { Reals = reals, Count = count, Value = float.NegativeInfinity }).Value;
}
