using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Structure;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

public sealed class FakeQuantizeTrainingTests
{
    private const string Operands =
        """
        a = Placeholder() {dtype=float, shape=()}
        w = Const() {dtype=float, value=float[2,2]{1, 2, 3, 4}}
        """;

    private const string Product = "y = MatMul(r, w) {T=float}\n";

    private static QuantizationTest Test => new(new FakeQuantizeTraining());

    [Theory]
    [InlineData("r = Relu6(a) {T=float}", 0f, 6f)]
    [InlineData("r = Sigmoid(a) {T=float}", 0f, 1f)]
    [InlineData("r = Tanh(a) {T=float}", -1f, 1f)]
    [InlineData("s = Tanh(a) {T=float}\ni = Identity(s) {T=float}\np = MaxPool(i) {T=float, ksize=[1,1,1,1], strides=[1,1,1,1], padding=\"SAME\"}\nr = Reshape(p, c) {T=float}\nc = Const() {dtype=int32, value=int32[1]{-1}}", -1f, 1f)]
    [InlineData("s = Relu6(a) {T=float}\nr = ConcatV2(s, a, c) {T=float, N=2}\nc = Const() {dtype=int32, value=int32[]{0}}", 0f, 6f)]
    public void An_activation_with_bounds_gets_them(string activation, float min, float max)
    {
        Graph result = Test.Run($"{Operands}\n{activation}\n{Product}");
        Node fake = result.Find("r/FakeQuantWithMinMaxVars")!;
        Assert.Equal(["r", "r/InputMin", "r/InputMax"], fake.Inputs.Select(input => input.Text));
        Assert.Equal([min, max], new[] { "r/InputMin", "r/InputMax" }.Select(name => result.Find(name)!.TensorAttribute("value")!.ToSingles()[0]));
        Assert.Equal(new IntValue(8), fake.Attributes["num_bits"]);
        Assert.Equal(new BoolValue(false), fake.Attributes["narrow_range"]);
        Assert.Equal(["r/FakeQuantWithMinMaxVars", "w/FakeQuantWithMinMaxVars"], result.Find("y")!.Inputs.Select(input => input.Text));
    }

    [Fact]
    public void Other_operands_get_moving_averages()
    {
        Graph result = Test.Run($"{Operands}\nr = Relu(a) {{T=float}}\n{Product}");
        string added = string.Join('\n', result.Nodes.Where(node => node.Name.StartsWith("w/", StringComparison.Ordinal)).Select(node => node.ToString()));
        string End(string end) =>
            $"""
            w/{end} = {end}(w, w/ReductionAxes/ReductionAxes)
            w/{end}/Variable = VariableV2()
            w/{end}/IsInitialized = IsVariableInitialized(w/{end}/Variable)
            w/{end}/Switch = Switch(w/{end}, w/{end}/IsInitialized)
            w/{end}/EMA/OneConst = Const()
            w/{end}/EMA/DecayComplement = Sub(w/{end}/EMA/OneConst, w/Decay)
            w/{end}/EMA/ValueDiff = Sub(w/{end}/Variable, w/{end}/Switch:1)
            w/{end}/EMA/UpdateValue = Mul(w/{end}/EMA/ValueDiff, w/{end}/EMA/DecayComplement)
            w/{end}/EMA/EMAValue = Sub(w/{end}/Variable, w/{end}/EMA/UpdateValue)
            w/{end}/Merge = Merge(w/{end}/Switch, w/{end}/EMA/EMAValue)
            w/{end}/AssignValue = Assign(w/{end}/Variable, w/{end}/Merge)
            """;
        string expected =
            $"""
            w/Decay = Const()
            w/ReductionAxes/RangeStart = Const()
            w/ReductionAxes/RangeDelta = Const()
            w/ReductionAxes/InputRank = Rank(w)
            w/ReductionAxes/ReductionAxes = Range(w/ReductionAxes/RangeStart, w/ReductionAxes/InputRank, w/ReductionAxes/RangeDelta)
            {End("Min")}
            {End("Max")}
            w/FakeQuantWithMinMaxVars = FakeQuantWithMinMaxVars(w, w/Min/AssignValue, w/Max/AssignValue)
            """;
        Assert.Equal(expected, added, ignoreLineEndingDifferences: true);
        Assert.Equal(0.999f, result.Find("w/Decay")!.TensorAttribute("value")!.ToSingles()[0]);
    }

    [Fact]
    public void An_operand_of_several_products_is_quantized_once_and_other_readers_stay()
    {
        Graph result = Test.Run($"{Operands}\nr = Relu(a) {{T=float}}\n{Product}z = MatMul(r, w) {{T=float}}\ns = Sqrt(r) {{T=float}}\ngradients/z = MatMul(r, w) {{T=float}}");
        Assert.Equal(2, result.Nodes.Count(node => node.Op == "FakeQuantWithMinMaxVars"));
        Assert.Equal(["r/FakeQuantWithMinMaxVars", "w/FakeQuantWithMinMaxVars"], result.Find("z")!.Inputs.Select(input => input.Text));
        Assert.Equal("r", result.Find("s")!.Inputs[0].Text);
        Assert.Equal(["r", "w"], result.Find("gradients/z")!.Inputs.Select(input => input.Text));
    }

    [Fact]
    public void Two_unknown_operands_are_the_models_inputs_three_are_an_error()
    {
        string two = Operands + "\ny = MatMul(a, w) {T=float}\nz = MatMul(a, w) {T=float}\n";
        Assert.Equal(2, Test.Run(two).Nodes.Count(node => node.Op == "FakeQuantWithMinMaxVars"));
        var error = Test.Fails(two + "v = MatMul(w, a) {T=float}");
        Assert.Equal((StatusKind.Unimplemented, "v"), (error.Kind, error.Node));
    }

    [Theory]
    [InlineData("r = Relu(b) {T=double}\nb = Placeholder() {dtype=double, shape=()}\nv = Const() {dtype=double, value=double[1,1]{1}}\ny = MatMul(r, v) {T=double}", "y: its input 'r' is not quantized: its type is double")]
    [InlineData("r = Split(c, a) {T=float, num_split=2}\nc = Const() {dtype=int32, value=int32[]{0}}\ny = MatMul(r:1, w) {T=float}", "y: its input 'r:1' is not quantized: it is not the first output of its node")]
    [InlineData("r = Enter(a) {T=float, frame_name=\"f\"}\ny = MatMul(r, r) {T=float}", "y: its input 'r' is not quantized: it is read in a loop, where new variables have no place")]
    [InlineData("w/Decay = Const() {dtype=float, value=float[]{1}}\nr = Relu(a) {T=float}\ny = MatMul(r, w) {T=float}", "y: its input 'w' is not quantized: the graph has a node 'w/Decay' already")]
    public void What_cannot_be_quantized_stays_and_is_told(string nodes, string explanation)
    {
        var test = Test;
        Graph result = test.Run($"{Operands}\n{nodes}");
        Assert.Contains(explanation, test.Explanations);
        Assert.Contains(explanation.Split('\'')[1], result.Find("y")!.Inputs.Select(input => input.Text));
    }

    [Fact]
    public void The_saver_keeps_the_variables()
    {
        Graph result = Test.Run(
            $$"""
            versions {producer=21}
            {{Operands}}
            r = Relu6(a) {T=float}
            y = MatMul(r, w) {T=float}
            save/Const = Const() {dtype=string, value=string[] {"model"} }
            save/names = Const() {dtype=string, value=string[1] {"v"} }
            save/slices = Const() {dtype=string, value=string[1] {""} }
            v = VariableV2() {dtype=float, shape=()}
            save/SaveV2 = SaveV2(save/Const, save/names, save/slices, v) {dtypes=[float]}
            other = Identity(save/slices) {T=string}
            save/Assign = NoOp()
            save/restore_all = NoOp(^save/Assign)
            """);
        Node save = result.Find("save/SaveV2")!;
        Assert.Equal(["save/Const", "save/names", "save/slices_qt", "v", "w/Min/Variable", "w/Max/Variable"], save.Inputs.Select(input => input.Text));
        Assert.Equal(AttributeValue.Types(DataType.Float, DataType.Float, DataType.Float), save.Attributes["dtypes"]);
        Assert.Equal("v w/Min/Variable w/Max/Variable", Strings(result, "save/names"));
        Assert.Equal("  ", Strings(result, "save/slices_qt"));
        Assert.Equal("", Strings(result, "save/slices"));
        Assert.Equal(["^save/Assign", "^w/Min/Variable_qt/Assign", "^w/Max/Variable_qt/Assign"], result.Find("save/restore_all")!.Inputs.Select(input => input.Text));
        Assert.Equal(["w/Max/Variable", "w/Max/Variable_qt"], result.Find("w/Max/Variable_qt/Assign")!.Inputs.Select(input => input.Text));
        Assert.Equal(["save/Const", "w/Max/Variable_qt/tensor_names", "w/Max/Variable_qt/shape_and_slices"], result.Find("w/Max/Variable_qt")!.Inputs.Select(input => input.Text));
        Assert.Equal("w/Max/Variable", Strings(result, "w/Max/Variable_qt/tensor_names"));
        Assert.Equal(21, result.Versions!.Producer);
    }

    [Theory]
    [InlineData("save/SaveV2 = SaveV2(f, n, n, w) {dtypes=[float]}", "save/SaveV2")]
    [InlineData("save/SaveV2 = SaveV2(f, n, n, w) {dtypes=[float]}\nsave_1/SaveV2 = SaveV2(f, n, n, w) {dtypes=[float]}\nsave/restore_all = NoOp()\nsave_1/restore_all = NoOp()", "save_1/SaveV2")]
    [InlineData("p = Placeholder() {dtype=string, shape=()}\nsave/SaveV2 = SaveV2(f, p, n, w) {dtypes=[float]}\nsave/restore_all = NoOp()", "save/SaveV2")]
    public void A_saver_that_cannot_take_them_is_an_error(string saver, string node)
    {
        var error = Test.Fails($"{Operands}\nr = Relu(a) {{T=float}}\n{Product}f = Const() {{dtype=string, value=string[]{{\"f\"}}}}\nn = Const() {{dtype=string, value=string[1]{{\"w\"}}}}\n{saver}");
        Assert.Equal((StatusKind.InvalidArgument, node), (error.Kind, error.Node));
    }

    [Fact]
    public void Trained_and_frozen_the_graph_loses_its_averages_and_gets_8_bits()
    {
        Graph trained = Test.Run(
            """
            a = Const() {dtype=float, value=float[1,2]{1, 2}}
            b = Const() {dtype=float, value=float[2,1]{3, 4}}
            y = MatMul(a, b) {T=float}
            """);
        Graph frozen = trained.Select(node => node.Op == "VariableV2" ? Node.Constant(node.Name, Tensor.Scalar(1f)) : node);
        Graph without = new QuantizationTest(new RemoveEma()).Run(frozen);
        Assert.True(without.Nodes.Length < frozen.Nodes.Length);
        Graph quantized = new QuantizationTest(new QuantizeNodes(), new QuantizeNodesOptions()).Run(without);
        Assert.True(quantized.Nodes.Length > without.Nodes.Length);
        Assert.DoesNotContain(quantized.Nodes, node => node.Op == "FakeQuantWithMinMaxVars");
    }

    private static string Strings(Graph graph, string constant) =>
        string.Join(' ', graph.Find(constant)!.TensorAttribute("value")!.Strings.Select(text => System.Text.Encoding.UTF8.GetString(text.Span)));
}
