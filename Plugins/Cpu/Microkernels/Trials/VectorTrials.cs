using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Elementwise;
using TransformFramework.Cpu.Microkernels.Gemm.Strassen;
using TransformFramework.Cpu.Microkernels.Gemm.Winograd;
using TransformFramework.Cpu.Microkernels.Pooling;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Microkernels.Trials;

/// <summary>
/// Trials of the kernels along channels or elements. Some lengths leave out an operand or take a signed one, so that a few lengths meet every branch of a kernel.
/// </summary>
internal static unsafe class VectorTrials
{
    private const int Rows = 3;
    private const int TapRows = 3;
    private const int TapColumns = 2;

    private static readonly QuantizationRange Range = new(-0.5f, 0.75f);

    private static readonly Dictionary<string, Func<MicrokernelSet, TrialOperands, int, int, Trial>> Builders = new(StringComparer.Ordinal)
    {
        ["f32_dwconv"] = (set, x, length, pixels) => FloatDepthwise(set.FloatVectors.Depthwise, x, length, pixels),
        ["f32_dwconv3x3_pair"] = (set, x, length, _) => DepthwisePair(set, x, length),
        ["f32_dwconv_rounded"] = (set, x, length, pixels) => FloatDepthwise(set.FloatVectors.RoundedDepthwise, x, length, pixels),
        ["f32_maxpool"] = (set, x, length, _) => Pool(set.FloatVectors.MaxPool, x, length),
        ["f32_sumpool"] = (set, x, length, _) => Pool(set.FloatVectors.SumPool, x, length),
        ["f32_affine"] = (set, x, length, _) => Affine(set, x, length),
        ["f32_bilinear"] = (set, x, length, _) => Bilinear(set, x, length),
        ["f32_winograd_input"] = (set, x, length, _) => TransformInput(set, x, length),
        ["f32_winograd_output"] = (set, x, length, _) => TransformOutput(set, x, length),
        ["f32_strassen_input"] = (set, x, length, _) => SumInput(set, x, length),
        ["f32_strassen_panel"] = (set, x, length, _) => SumPanel(set, x, length),
        ["f32_add_rows"] = (set, x, length, _) => AddRows(set, x, length),
        ["f32_min"] = (set, x, length, _) => new($"{length}", sizeof(float), length, output => *(float*)output = set.FloatVectors.Least(x.Reals, length)),
        ["f32_max"] = (set, x, length, _) => new($"{length}", sizeof(float), length, output => *(float*)output = set.FloatVectors.Greatest(x.Reals, length)),
        ["s32_u8_requantize"] = (set, x, length, _) => Requantize(set, x, length),
        ["s32_f32_dequantize"] = (set, x, length, _) => DequantizeAccumulators(set, x, length),
        ["s32_zero_point_compensation"] = (set, x, length, _) => CompensateZeroPoints(set, x, length),
        ["s32_u8_requantize_fixed_point"] = (set, x, length, _) => RequantizeFixedPoint(set, x, length),
        ["f32_u8_quantize"] = (set, x, length, _) => Elementwise(length, sizeof(byte), output => set.Int8Vectors.Quantize(x.Reals, output, length, new(Range))),
        ["u8_f32_dequantize"] = (set, x, length, _) => Elementwise(length, sizeof(float), output => set.Int8Vectors.Dequantize(x.Bytes, (float*)output, length, new(Range))),
        ["f32_u8_quantize_scaled"] = (set, x, length, _) => Elementwise(length, sizeof(byte), output => set.Int8Vectors.QuantizeScaled(x.Reals, output, length, new(120f, -1f, 1f, length % 2 == 0))),
        ["u8_f32_dequantize_scaled"] = (set, x, length, _) => Elementwise(length, sizeof(float), output => set.Int8Vectors.DequantizeScaled(x.Bytes, (float*)output, length, new(0.01f, length % 2 == 0))),
        ["f32_u8_quantize_dynamic"] = (set, x, length, _) => Elementwise(length, sizeof(byte), output => set.Int8Vectors.QuantizeDynamic(x.Reals, output, length, new(120f, length))),
        ["s32_f32_dequantize_dynamic"] = (set, x, length, _) => DequantizeDynamic(set, x, length),
        ["u8_add_scaled"] = (set, x, length, _) => AddScaled(set, x, length),
        ["u8_s32_add_linear"] = (set, x, length, _) => AddLinear(set, x, length),
        ["u8_maxpool"] = (set, x, length, _) => Int8Pool(set.Int8Vectors.MaxPool, x, length, isSigned: length % 2 == 0),
        ["u8_avgpool"] = (set, x, length, _) => Int8Pool(set.Int8Vectors.MeanPool, x, length, isSigned: false),
        ["u8_sum"] = (set, x, length, _) => new($"{3 * length}", sizeof(int), 3 * length, output => *(int*)output = (int)set.Int8Vectors.Sum(x.Bytes, 3 * length)),
        ["u8s8_dwconv"] = Int8Depthwise,
    };

    private delegate void DepthwiseKernel(DepthwiseTile* tile, int pixels);

    private delegate void PoolKernel(PoolTile* tile);

    private delegate void Int8PoolKernel(Int8PoolTile* tile);

    /// <summary>The operations that have a trial.</summary>
    public static IEnumerable<string> Operations => Builders.Keys;

    /// <summary>The trial of an operation.</summary>
    /// <param name="operation">One of <see cref="Operations"/>.</param>
    /// <param name="set">Whose kernel is called.</param>
    /// <param name="operands">What it is given.</param>
    /// <param name="length">Channels or elements, at most as many as the operands are made for.</param>
    /// <param name="pixels">Output pixels of a call, for kernels that have any.</param>
    public static Trial Of(string operation, MicrokernelSet set, TrialOperands operands, int length, int pixels) => Builders[operation](set, operands, length, pixels);

    private static Trial Elementwise(int length, int elementBytes, TrialRun run) => new($"{length}", length * elementBytes, length, run);

    private static Trial FloatDepthwise(DepthwiseKernel kernel, TrialOperands x, int length, int pixels) => new(
        $"{pixels}x{length}", pixels * length * sizeof(float), 2L * TapRows * TapColumns * pixels * length, output =>
        {
            DepthwiseTile tile = new()
            {
                Input = x.Reals,
                PixelStride = length,
                RowStride = 3 * length,
                TapStride = length,
                TapRows = TapRows,
                TapColumns = TapColumns,
                Weights = x.Reals + 777,
                WeightRowStride = 3 * length,
                WeightTapStride = length,
                Bias = x.Reals + 99,
                Output = (float*)output,
                OutputStride = length,
                Channels = length,
                Low = -0.5f,
                High = 2,
            };
            kernel(&tile, pixels);
        });

    private static Trial DepthwisePair(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{FloatVectors.PairRows}x{FloatVectors.PairPixels}x{length}", FloatVectors.PairRows * FloatVectors.PairPixels * length * sizeof(float), 18L * FloatVectors.PairRows * FloatVectors.PairPixels * length, output =>
        {
            DepthwiseTile tile = new()
            {
                Input = x.Reals,
                PixelStride = length,
                RowStride = 6 * length,
                Weights = x.Reals + 777,
                WeightRowStride = 3 * length,
                WeightTapStride = length,
                Bias = x.Reals + 99,
                Output = (float*)output,
                OutputStride = length,
                OutputRowStride = FloatVectors.PairPixels * length,
                Channels = length,
                Low = -0.5f,
                High = 2,
            };
            set.FloatVectors.DepthwisePair(&tile);
        });

    private static Trial TransformInput(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{WinogradTile.Products}x{length}", WinogradTile.Products * length * sizeof(float), WinogradTile.Products * length, output =>
        {
            int* offsets = stackalloc int[WinogradTile.Products];
            for (int i = 0; i < WinogradTile.Products; i++)
                offsets[i] = i * 5 % 16 * length * sizeof(float);
            WinogradInput tile = new() { Base = (byte*)x.Reals, Pixels = offsets, Output = (float*)output, MatrixStride = length, Channels = length };
            set.FloatVectors.WinogradInput(&tile);
        });

    private static Trial TransformOutput(MicrokernelSet set, TrialOperands x, int length) => new(
        $"4x{length}", 4 * length * sizeof(float), 4 * length, output =>
        {
            float* check = stackalloc float[FloatVectors.MaxLanes];
            WinogradOutput tile = new()
            {
                Input = x.Reals,
                MatrixStride = length,
                Bias = x.Reals + 77,
                Residual = length % 2 == 0 ? null : x.Reals + 555,
                Output = (float*)output,
                Rows = 1 + (length % 2),
                Columns = 2 - (length % 3 / 2),
                RowStride = 2 * length,
                PixelStride = length,
                Channels = length,
                Low = -0.5f,
                High = 2,
                Check = check,
            };
            set.FloatVectors.WinogradOutput(&tile);
        });

    private static Trial SumInput(MicrokernelSet set, TrialOperands x, int length) => new(
        $"4x{length}", 4 * length * sizeof(float), 4L * length, output =>
        {
            float* check = stackalloc float[FloatVectors.MaxLanes];
            StrassenInput rows = new() { A11 = x.Reals, A12 = x.Reals + 77, A21 = x.Reals + 333, A22 = x.Reals + 555, Output = (float*)output, MatrixStride = length, Columns = length, Check = check };
            set.FloatVectors.StrassenInput(&rows);
        });

    private static Trial SumPanel(MicrokernelSet set, TrialOperands x, int length) => new(
        $"3x{length}", 3 * length * sizeof(float), 3L * length, output =>
        {
            StrassenPanel panel = new() { B11 = x.Reals, B21 = x.Reals + 77, B22 = x.Reals + 333, T1 = x.Reals + 555, Output = (float*)output, MatrixStride = length, Count = length };
            set.FloatVectors.StrassenPanel(&panel);
        });

    private static Trial AddRows(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{Rows}x{length}", Rows * length * sizeof(float), 2L * Rows * length, output =>
        {
            AddRows rows = new()
            {
                Left = x.Reals,
                LeftStride = length,
                Right = x.Reals + 77,
                RightStride = 2 * length,
                Residual = length % 2 == 0 ? null : x.Reals + 555,
                ResidualStride = length,
                Output = (float*)output,
                OutputStride = length,
                Rows = Rows,
                Columns = length,
                Low = -0.5f,
                High = 2,
            };
            set.FloatVectors.AddRows(&rows);
        });

    private static Trial Pool(PoolKernel kernel, TrialOperands x, int length) => new(
        $"{length}", length * sizeof(float), 6L * length, output =>
        {
            PoolTile tile = new() { Input = x.Reals, RowStride = 3 * length, TapStride = length, TapRows = 2, TapColumns = 3, Output = (float*)output, Channels = length, Factor = 1f / 6 };
            kernel(&tile);
        });

    private static Trial Affine(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{Rows}x{length}", Rows * length * sizeof(float), 2L * Rows * length, output =>
        {
            AffineRows rows = new() { Input = x.Reals, Scale = x.Reals + 555, Offset = x.Reals + 444, Residual = length % 2 == 0 ? null : x.Reals + 888, Output = (float*)output, Rows = Rows, Channels = length, Stride = length, Low = -0.25f, High = 6 };
            set.FloatVectors.Affine(&rows);
        });

    private static Trial Bilinear(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{length}", length * sizeof(float), length, output =>
        {
            BilinearTile tile = new() { TopLeft = x.Reals, TopRight = x.Reals + 300, BottomLeft = x.Reals + 600, BottomRight = x.Reals + 900, Across = 0.3f, Down = 0.6f, Output = (float*)output, Channels = length };
            set.FloatVectors.Bilinear(&tile);
        });

    private static Trial Requantize(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{Rows}x{length}", Rows * length, Rows * length, output =>
        {
            bool isFull = length % 3 == 0;
            RequantizeRows rows = new()
            {
                Accumulators = x.Integers,
                AccumulatorStride = length,
                Bias = isFull ? x.Reals : null,
                Scale = x.Scales,
                Residual = isFull ? x.Bytes : null,
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
        });

    private static Trial DequantizeAccumulators(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{Rows}x{length}", Rows * length * sizeof(float), Rows * length, output =>
        {
            DequantizeAccumulatorsRows rows = new()
            {
                Accumulators = x.Integers,
                AccumulatorStride = length,
                Bias = length % 3 == 0 ? x.Reals : null,
                Units = x.Scales,
                Residual = length % 2 == 0 ? x.Reals + 333 : null,
                Output = (float*)output,
                OutputStride = length,
                Rows = Rows,
                Columns = length,
                Low = length % 5 == 0 ? 0 : float.NegativeInfinity,
                High = length % 5 == 0 ? 6 : float.PositiveInfinity,
            };
            set.Int8Vectors.DequantizeAccumulators(&rows);
        });

    private static Trial CompensateZeroPoints(MicrokernelSet set, TrialOperands x, int length)
    {
        int count = Rows * length;
        return new($"{Rows}x{length}", (count + (2 * length)) * sizeof(int), count, output =>
        {
            int* least = (int*)output + count;
            new Span<int>(least, length).Fill(int.MaxValue);
            new Span<int>(least + length, length).Fill(int.MinValue);
            ZeroPointCompensationRows rows = new()
            {
                Accumulators = x.Integers,
                AccumulatorStride = length,
                RowTerms = x.Integers + 900,
                ColumnTerms = x.Integers + 500,
                Output = (int*)output,
                OutputStride = length,
                Least = least,
                Greatest = least + length,
                Rows = Rows,
                Columns = length,
            };
            set.Int8Vectors.CompensateZeroPoints(&rows);
        });
    }

    private static Trial RequantizeFixedPoint(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{Rows}x{length}", Rows * length, Rows * length, output =>
        {
            var from = new QuantizationRange(-3e5f, 3e5f);
            FixedPointRequantizeRows rows = new()
            {
                Quantized = x.Integers,
                First = new(from, Range),
                Terms = length % 2 == 0 ? null : x.Integers + 700,
                Reals = new(Range),
                Wide = new(from),
                Second = new(from, Range),
                Low = 3,
                High = 250,
                Output = output,
                Rows = Rows,
                Columns = length,
                Stride = length,
            };
            set.Int8Vectors.RequantizeFixedPoint(&rows);
        });

    private static Trial DequantizeDynamic(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{Rows}x{length}", Rows * length * sizeof(float), Rows * length, output =>
        {
            int* zeroPoints = stackalloc int[Rows] { 3, 128, 255 };
            DequantizeDynamicRows rows = new()
            {
                Accumulators = x.Integers,
                AccumulatorStride = length,
                ColumnSums = x.Integers + 500,
                ColumnScales = x.Reals + 300,
                Offset = length % 2 == 0 ? null : x.Reals + 444,
                RowScales = x.Reals + 900,
                RowZeroPoints = zeroPoints,
                Output = (float*)output,
                OutputStride = length,
                Rows = Rows,
                Columns = length,
                Low = -0.25f,
                High = 6,
            };
            set.Int8Vectors.DequantizeDynamic(&rows);
        });

    private static Trial AddScaled(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{length}", length, length, output =>
        {
            QuantizedSum sum = new()
            {
                X = new() { Quantized = x.Bytes, Scale = new(0.02f, length % 2 == 0) },
                Y = new() { Quantized = x.Bytes + 500, Scale = new(0.01f, length % 3 == 0) },
                Low = 0,
                High = 3,
                Scaling = new(64, -2, 2, length % 2 == 0),
                Output = output,
                Count = length,
            };
            set.Int8Vectors.AddScaled(&sum);
        });

    private static Trial AddLinear(MicrokernelSet set, TrialOperands x, int length) => new(
        $"{length}", (length + 2) * sizeof(int), length, output =>
        {
            int* result = (int*)output;
            LinearSum sum = new() { X = x.Bytes, Y = x.Bytes + 400, ScaleX = 12345, ScaleY = -777, Offset = 99, Output = result, Count = length };
            set.Int8Vectors.AddLinear(&sum);
            result[length] = sum.Least;
            result[length + 1] = sum.Greatest;
        });

    private static Trial Int8Pool(Int8PoolKernel kernel, TrialOperands x, int length, bool isSigned) => new(
        $"{length}", length, 6L * length, output =>
        {
            Int8PoolTile tile = new() { Input = x.Bytes, RowStride = 3 * length, TapStride = length, TapRows = 2, TapColumns = 3, Output = output, Channels = length, IsSigned = isSigned };
            kernel(&tile);
        });

    private static Trial Int8Depthwise(MicrokernelSet set, TrialOperands x, int length, int pixels) => new(
        $"{pixels}x{length}", pixels * length * sizeof(int), 2L * TapRows * TapColumns * pixels * length, output =>
        {
            bool requantizes = length % 3 != 0;
            Int8DepthwiseTile tile = new()
            {
                Input = x.Bytes,
                PixelStride = length,
                RowStride = 3 * length,
                TapStride = length,
                TapRows = TapRows,
                TapColumns = TapColumns,
                Weights = x.Weights,
                WeightRowStride = 3 * length,
                WeightTapStride = length,
                Bias = x.Integers,
                Output = (int*)output,
                OutputStride = length,
                Scale = requantizes ? x.Scales : null,
                Quantized = output,
                Low = 0,
                High = byte.MaxValue,
                Channels = length,
                IsSigned = length % 2 == 0,
            };
            set.Int8Vectors.Depthwise(&tile, pixels);
        });
}
