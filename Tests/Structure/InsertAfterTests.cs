using TransformFramework.Graphs;
using TransformFramework.Structure.Surgery;

namespace TransformFramework.Structure.Tests;

public sealed class InsertAfterTests
{
    private const string Net = "x = Placeholder() {dtype=float, shape=(1,4)}\ny = Neg(x) {T=float}\nother = Relu(y) {T=float}";

    [Theory]
    [InlineData(OutputOp.Softmax, "y = Softmax(y/raw)")]
    [InlineData(OutputOp.Sigmoid, "y = Sigmoid(y/raw)")]
    [InlineData(OutputOp.Argmax, "y = ArgMax(y/raw, y/axis)")]
    [InlineData(OutputOp.Topk, "y = TopKV2(y/raw, y/k)")]
    public void The_added_node_takes_the_name(OutputOp op, string expected)
    {
        string result = new TransformTest(new InsertAfter(), new InsertAfter.Options { Name = "y", Op = op }) { Outputs = ["y"] }.Run(Net);
        Assert.Contains(expected, result, StringComparison.Ordinal);
        Assert.Contains("other = Relu(y/raw)", result, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_element_is_found()
    {
        Graph after = new TransformTest(new InsertAfter(), new InsertAfter.Options { Name = "y", Op = OutputOp.Topk, K = 2 }).Apply(GraphText.Parse(Net));
        var outputs = new Cpu.CpuBackend().Compile(after, ["y:1"], Execution.CompileOptions.Default).Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 4), [3, -5, 2, -4]) });
        Assert.Equal([1, 3], outputs[0].AsSpan<int>().ToArray());
    }

    [Fact]
    public void Integers_have_no_probabilities() =>
        Assert.Contains("int32", new TransformTest(new InsertAfter(), new InsertAfter.Options { Name = "y", Op = OutputOp.Softmax }).Fails("x = Placeholder() {dtype=int32}\ny = Neg(x) {T=int32}").Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_that_no_node_has_is_an_error() =>
        Assert.Contains("no node 'z'", new TransformTest(new InsertAfter(), new InsertAfter.Options { Name = "z", Op = OutputOp.Softmax }).Fails(Net).Message, StringComparison.Ordinal);

    [Fact]
    public void An_input_keeps_its_name() =>
        Assert.Contains("is an input", new TransformTest(new InsertAfter(), new InsertAfter.Options { Name = "x", Op = OutputOp.Softmax }).Fails(Net).Message, StringComparison.Ordinal);
}
