using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Plans.Operators.Conv2D;
using TransformFramework.Cpu.Plans.Operators.Gemm;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Winograd's convolution in every set of kernels, against sums in double precision.</summary>
public sealed class WinogradTests
{
    /// <summary>The largest error, as a share of the largest magnitude.</summary>
    private const double Tolerance = 2e-6;

    /// <summary>Batch, height, width, input and output channels, padding.</summary>
    public static TheoryData<string, int[], string> Layers()
    {
        var layers = new TheoryData<string, int[], string>();
        foreach (string set in MicrokernelCatalog.SetNames)
        {
            layers.Add(set, [1, 8, 8, 64, 64], "SAME");
            layers.Add(set, [1, 9, 7, 70, 65], "SAME");
            layers.Add(set, [2, 10, 11, 64, 96], "VALID");
        }
        layers.Add(MicrokernelCatalog.SetNames.First(), [1, 7, 7, 512, 512], "SAME");
        return layers;
    }

    [SkippableTheory]
    [MemberData(nameof(Layers))]
    public void A_layer_is_within_its_bound(string set, int[] sizes, string padding)
    {
        PlanCase layer = Layer(sizes, padding);
        ExecutionPlan plan = layer.Plan(set)!;
        Assert.Contains(plan.Operators, op => op is WinogradConv2DOperator);
        double[] expected = Expected(layer, sizes, padding);
        float[] actual = layer.Run(plan)[0].AsSpan<float>().ToArray();
        double largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second) / largest, 0, Tolerance));
    }

    [SkippableFact]
    public void All_sets_and_numbers_of_threads_give_the_same_bits()
    {
        PlanCase layer = Layer([1, 13, 15, 64, 80], "SAME");
        Tensor scalar = layer.Run(layer.Plan("scalar")!)[0];
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            foreach (int threads in (int[])[1, 2, 3])
                Assert.True(layer.Run(layer.Plan(set.Name, threads)!, threads)[0].ContentEquals(scalar), $"{set.Name}, {threads} threads");
        }
    }

    /// <summary>Differences of infinities are not numbers and those of huge numbers may be infinite, where the direct sum is neither.</summary>
    [SkippableTheory]
    [InlineData("x", float.PositiveInfinity)]
    [InlineData("x", float.NegativeInfinity)]
    [InlineData("x", float.NaN)]
    [InlineData("x", 3e38f)]
    [InlineData("r", float.PositiveInfinity)]
    public void Inputs_without_a_finite_transform_give_the_direct_sums(string input, float value)
    {
        PlanCase layer = Layer([1, 9, 10, 64, 65], "SAME");
        Tensor finite = layer.Feeds[input];
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            ExecutionPlan plan = layer.Plan(set.Name)!;
            Tensor before = layer.Run(plan)[0];
            float[] values = finite.AsSpan<float>().ToArray();
            int channels = values.Length / 90;
            values[(34 * channels) + 7] = value;
            values[(36 * channels) + 7] = -value;
            layer.Feeds[input] = Tensor.Create<float>(DataType.Float, finite.Shape, values);
            float[] actual = layer.Run(plan)[0].AsSpan<float>().ToArray();
            float[] direct = layer.Run(layer.Plan(set.Name, options: new(2) { DirectConvolution = true })!)[0].AsSpan<float>().ToArray();
            Assert.All(actual.Zip(direct), pair => Assert.True(pair.First.Equals(pair.Second) || Math.Abs(pair.First - pair.Second) < 1e-4, $"{set.Name}: {pair.First}, not {pair.Second}"));
            Assert.Contains(direct, result => !float.IsFinite(result) || result > 1e30);
            layer.Feeds[input] = finite;
            Assert.True(layer.Run(plan)[0].ContentEquals(before), set.Name);
        }
    }

    [Theory]
    [InlineData(FloatPrecision.Single)]
    [InlineData(FloatPrecision.BFloat16)]
    public void It_can_be_left_out(FloatPrecision precision)
    {
        ExecutionPlan plan = Layer([1, 8, 8, 64, 64], "SAME").Plan(MicrokernelCatalog.Supported.First().Name, options: new(1) { DirectConvolution = true, Precision = precision })!;
        Assert.DoesNotContain(plan.Operators, op => op is WinogradConv2DOperator);
        Assert.Contains(plan.Operators, op => op is GemmOperator);
    }

    /// <summary>Products of bfloat16 numbers in the plan: close to the float ones, and the same bits in every set.</summary>
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rounded_products_give_the_same_bits_in_all_sets(bool directConvolution)
    {
        PlanCase layer = Layer([1, 8, 9, 64, 70], "SAME");
        Tensor exact = layer.Reference()[0];
        Tensor? first = null;
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            Tensor rounded = layer.Run(layer.Plan(set.Name, options: new(2) { DirectConvolution = directConvolution, Precision = FloatPrecision.BFloat16 })!)[0];
            first ??= rounded;
            Assert.True(rounded.ContentEquals(first), set.Name);
        }
        float largest = exact.AsSpan<float>().ToArray().Max(MathF.Abs);
        double worst = exact.AsSpan<float>().ToArray().Zip(first!.AsSpan<float>().ToArray(), (x, y) => Math.Abs(x - y)).Max() / largest;
        Assert.InRange(worst, 1e-5, 1e-2);
    }

    private static PlanCase Layer(int[] sizes, string padding) => new(
        $$"""
        x = Placeholder() {dtype=float, shape=({{sizes[0]}},{{sizes[1]}},{{sizes[2]}},{{sizes[3]}})}
        r = Placeholder() {dtype=float, shape=({{sizes[0]}},{{Output(sizes[1], padding)}},{{Output(sizes[2], padding)}},{{sizes[4]}})}
        w = Const() {dtype=float, shape=(3,3,{{sizes[3]}},{{sizes[4]}})}
        b = Const() {dtype=float, shape=({{sizes[4]}})}
        c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="{{padding}}"}
        d = BiasAdd(c, b) {T=float}
        s = AddV2(d, r) {T=float}
        y = Relu(s) {T=float}
        weights = Identity(w) {T=float}
        bias = Identity(b) {T=float}
        """,
        "y", "weights", "bias");

    private static int Output(int input, string padding) => padding == "SAME" ? input : input - 2;

    private static double[] Expected(PlanCase layer, int[] sizes, string padding)
    {
        var constants = layer.Reference();
        float[] weights = constants[1].AsSpan<float>().ToArray();
        float[] bias = constants[2].AsSpan<float>().ToArray();
        float[] input = layer.Feeds["x"].AsSpan<float>().ToArray();
        float[] residual = layer.Feeds["r"].AsSpan<float>().ToArray();
        var (height, width, depth, columns) = (sizes[1], sizes[2], sizes[3], sizes[4]);
        var (rows, across, before) = (Output(height, padding), Output(width, padding), padding == "SAME" ? 1 : 0);
        double[] expected = new double[residual.Length];
        for (int i = 0; i < expected.Length / columns; i++)
        {
            double[] sums = Array.ConvertAll(bias, value => (double)value);
            for (int tap = 0; tap < 9; tap++)
            {
                int y = (i / across % rows) + (tap / 3) - before;
                int x = (i % across) + (tap % 3) - before;
                if (y < 0 || y >= height || x < 0 || x >= width)
                    continue;
                int pixel = (((i / across / rows * height) + y) * width) + x;
                for (int k = 0; k < depth; k++)
                {
                    double value = input[(pixel * depth) + k];
                    for (int n = 0; n < columns; n++)
                        sums[n] += value * weights[(((tap * depth) + k) * columns) + n];
                }
            }
            for (int n = 0; n < columns; n++)
                expected[(i * columns) + n] = Math.Max(0, sums[n] + residual[(i * columns) + n]);
        }
        return expected;
    }
}
