using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Plans.Operators.Conv2D;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Strassen's product for 1 × 1 convolutions in every set of kernels, against sums in double precision.</summary>
public sealed class StrassenTests
{
    /// <summary>The largest error, as a share of the largest magnitude.</summary>
    private const double Tolerance = 2e-6;

    /// <summary>Batch, height, width, input and output channels, and whether a tensor is added.</summary>
    public static TheoryData<string, int[], bool> Layers()
    {
        var layers = new TheoryData<string, int[], bool>();
        foreach (string set in MicrokernelCatalog.SetNames)
        {
            layers.Add(set, [1, 11, 10, 128, 128], false);
            layers.Add(set, [2, 7, 8, 130, 256], true);
        }
        layers.Add(MicrokernelCatalog.SetNames.First(), [1, 14, 14, 512, 512], true);
        return layers;
    }

    [SkippableTheory]
    [MemberData(nameof(Layers))]
    public void A_layer_is_within_its_bound(string set, int[] sizes, bool adds)
    {
        PlanCase layer = Layer(sizes, adds);
        ExecutionPlan plan = layer.Plan(set)!;
        Assert.Contains(plan.Operators, op => op is StrassenConv2DOperator);
        double[] expected = Expected(layer, sizes);
        float[] actual = layer.Run(plan)[0].AsSpan<float>().ToArray();
        double largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second) / largest, 0, Tolerance));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_sets_and_numbers_of_threads_give_the_same_bits(bool adds)
    {
        PlanCase layer = Layer([2, 15, 16, 134, 128], adds);
        Tensor scalar = layer.Run(layer.Plan("scalar")!)[0];
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            foreach (int threads in (int[])[1, 2, 3])
                Assert.True(layer.Run(layer.Plan(set.Name, threads)!, threads)[0].ContentEquals(scalar), $"{set.Name}, {threads} threads");
        }
    }

    /// <summary>Each image of a batch has the bits that it has alone.</summary>
    [Fact]
    public void Images_of_a_batch_do_not_meet()
    {
        PlanCase pair = Layer([2, 9, 12, 128, 128], adds: false);
        PlanCase alone = Layer([1, 9, 12, 128, 128], adds: false);
        string set = MicrokernelCatalog.Supported.First().Name;
        float[] both = pair.Run(pair.Plan(set)!)[0].AsSpan<float>().ToArray();
        float[] inputs = pair.Feeds["x"].AsSpan<float>().ToArray();
        ExecutionPlan plan = alone.Plan(set)!;
        for (int image = 0; image < 2; image++)
        {
            alone.Feeds["x"] = Tensor.Create<float>(DataType.Float, alone.Feeds["x"].Shape, inputs[(image * inputs.Length / 2)..((image + 1) * inputs.Length / 2)]);
            Assert.Equal(both[(image * both.Length / 2)..((image + 1) * both.Length / 2)], alone.Run(plan)[0].AsSpan<float>().ToArray());
        }
    }

    /// <summary>Differences of infinities are not numbers and those of huge numbers may be infinite, where the direct sum is neither.</summary>
    [SkippableTheory]
    [InlineData("x", float.PositiveInfinity)]
    [InlineData("x", float.NegativeInfinity)]
    [InlineData("x", float.NaN)]
    [InlineData("x", 3e38f)]
    [InlineData("x", 1e13f)]
    [InlineData("r", float.PositiveInfinity)]
    public void Huge_inputs_give_the_direct_sums(string input, float value)
    {
        PlanCase layer = Layer([1, 10, 10, 128, 128], adds: true);
        Tensor finite = layer.Feeds[input];
        foreach (MicrokernelSet set in MicrokernelCatalog.Supported)
        {
            ExecutionPlan plan = layer.Plan(set.Name)!;
            Tensor before = layer.Run(plan)[0];
            float[] values = finite.AsSpan<float>().ToArray();
            values[(34 * 128) + 7] = value;
            values[(36 * 128) + 7] = -value;
            layer.Feeds[input] = Tensor.Create<float>(DataType.Float, finite.Shape, values);
            float[] actual = layer.Run(plan)[0].AsSpan<float>().ToArray();
            float[] direct = layer.Run(layer.Plan(set.Name, options: new(2) { DirectConvolution = true })!)[0].AsSpan<float>().ToArray();
            Assert.All(actual.Zip(direct), pair => Assert.True(pair.First.Equals(pair.Second) || Math.Abs(pair.First - pair.Second) < 1e-4, $"{set.Name}: {pair.First}, not {pair.Second}"));
            Assert.Contains(direct, result => !float.IsFinite(result) || result > 1e10);
            layer.Feeds[input] = finite;
            Assert.True(layer.Run(plan)[0].ContentEquals(before), set.Name);
        }
    }

    /// <summary>A bias of infinity or a weight as large leaves no finite sums of quarters.</summary>
    [Theory]
    [InlineData("weight", "inf")]
    [InlineData("weight", "1e13")]
    [InlineData("weight", "nan")]
    [InlineData("bias", "inf")]
    [InlineData("bias", "nan")]
    public void Huge_weights_give_the_direct_sums(string where, string value)
    {
        PlanCase layer = new(
            $$$"""
            x = Placeholder() {dtype=float, shape=(1,10,10,128)}
            f = Const() {dtype=float, value=float{ {{{(where == "weight" ? value : "2")}}} } }
            o = Const() {dtype=float, value=float{ {{{(where == "bias" ? value : "3")}}} } }
            w = Const() {dtype=float, shape=(1,1,128,128)}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="VALID"}
            m = Mul(c, f) {T=float}
            y = AddV2(m, o) {T=float}
            """,
            "y");
        string set = MicrokernelCatalog.Supported.First().Name;
        ExecutionPlan plan = layer.Plan(set)!;
        Assert.Contains(plan.Operators, op => op is StrassenConv2DOperator);
        Assert.True(layer.Run(plan)[0].ContentEquals(layer.Run(layer.Plan(set, options: new(2) { DirectConvolution = true })!)[0]));
    }

    /// <summary>Errors of a large column would reach the one that it is summed with; a column of zeros has no share to lose.</summary>
    [Theory]
    [InlineData("200", true)]
    [InlineData("0.01", true)]
    [InlineData("0", false)]
    [InlineData("20", false)]
    public void Columns_of_very_different_size_give_the_direct_sums(string factor, bool isDirect)
    {
        string factors = string.Join(", ", Enumerable.Range(0, 128).Select(column => column == 5 ? factor : "1"));
        PlanCase layer = new(
            $$$"""
            x = Placeholder() {dtype=float, shape=(1,10,10,128)}
            f = Const() {dtype=float, value=float[128]{ {{{factors}}} } }
            w = Const() {dtype=float, shape=(1,1,128,128)}
            c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="VALID"}
            y = Mul(c, f) {T=float}
            """,
            "y");
        string set = MicrokernelCatalog.Supported.First().Name;
        ExecutionPlan plan = layer.Plan(set)!;
        Assert.Contains(plan.Operators, op => op is StrassenConv2DOperator);
        Assert.Equal(isDirect, layer.Run(plan)[0].ContentEquals(layer.Run(layer.Plan(set, options: new(2) { DirectConvolution = true })!)[0]));
    }

    /// <summary>Too few rows or channels, odd images, halves that are no whole panels, windows that skip pixels; or asked to be direct, or rounded.</summary>
    [Theory]
    [InlineData(9, 10, 128, 128, 1, false, FloatPrecision.Single)]
    [InlineData(11, 11, 128, 128, 1, false, FloatPrecision.Single)]
    [InlineData(10, 10, 126, 128, 1, false, FloatPrecision.Single)]
    [InlineData(10, 10, 129, 128, 1, false, FloatPrecision.Single)]
    [InlineData(10, 10, 128, 192, 1, false, FloatPrecision.Single)]
    [InlineData(20, 20, 128, 128, 2, false, FloatPrecision.Single)]
    [InlineData(10, 10, 128, 128, 1, true, FloatPrecision.Single)]
    [InlineData(10, 10, 128, 128, 1, false, FloatPrecision.BFloat16)]
    public void Other_layers_are_direct(int height, int width, int depth, int columns, int stride, bool isDirect, FloatPrecision precision)
    {
        PlanCase layer = Layer([1, height, width, depth, columns], adds: false, stride);
        ExecutionPlan plan = layer.Plan(MicrokernelCatalog.Supported.First().Name, options: new(1) { DirectConvolution = isDirect, Precision = precision })!;
        Assert.DoesNotContain(plan.Operators, op => op is StrassenConv2DOperator);
    }

    private static PlanCase Layer(int[] sizes, bool adds, int stride = 1) => new(
        $$"""
        x = Placeholder() {dtype=float, shape=({{sizes[0]}},{{sizes[1]}},{{sizes[2]}},{{sizes[3]}})}
        {{(adds ? $"r = Placeholder() {{dtype=float, shape=({sizes[0]},{sizes[1]},{sizes[2]},{sizes[4]})}}" : "")}}
        w = Const() {dtype=float, shape=(1,1,{{sizes[3]}},{{sizes[4]}})}
        b = Const() {dtype=float, shape=({{sizes[4]}})}
        c = Conv2D(x, w) {T=float, strides=[1,{{stride}},{{stride}},1], padding="SAME"}
        d = BiasAdd(c, b) {T=float}
        s = {{(adds ? "AddV2(d, r)" : "Identity(d)")}} {T=float}
        y = Relu(s) {T=float}
        weights = Identity(w) {T=float}
        bias = Identity(b) {T=float}
        """,
        "y", "weights", "bias");

    private static double[] Expected(PlanCase layer, int[] sizes)
    {
        var constants = layer.Reference();
        float[] weights = constants[1].AsSpan<float>().ToArray();
        float[] bias = constants[2].AsSpan<float>().ToArray();
        float[] input = layer.Feeds["x"].AsSpan<float>().ToArray();
        float[]? residual = layer.Feeds.GetValueOrDefault("r")?.AsSpan<float>().ToArray();
        var (depth, columns) = (sizes[3], sizes[4]);
        double[] expected = new double[input.Length / depth * columns];
        double[] sums = new double[columns];
        for (int row = 0; row < input.Length / depth; row++)
        {
            for (int n = 0; n < columns; n++)
                sums[n] = bias[n] + (residual?[(row * columns) + n] ?? 0);
            for (int k = 0; k < depth; k++)
            {
                double value = input[(row * depth) + k];
                for (int n = 0; n < columns; n++)
                    sums[n] += value * weights[(k * columns) + n];
            }
            for (int n = 0; n < columns; n++)
                expected[(row * columns) + n] = Math.Max(0, sums[n]);
        }
        return expected;
    }
}
