using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Tests.Ops;

public sealed class OpTypesTests
{
    private const DataType FloatReference = DataType.Float + 100;

    [Theory]
    [InlineData("s = Split(a, x) {T=half, num_split=3}", new[] { DataType.Int32, DataType.Half }, new[] { DataType.Half, DataType.Half, DataType.Half })]
    [InlineData("p = Print(x, y, z) {T=float, U=[int32,string]}", new[] { DataType.Float, DataType.Int32, DataType.String }, new[] { DataType.Float })]
    [InlineData("v = VariableV2() {dtype=float}", new DataType[0], new[] { FloatReference })]
    public void Types_follow_the_attributes(string text, DataType[] inputs, DataType[] outputs)
    {
        Node node = GraphText.ParseNode(text);
        OpDefinition definition = OpTable.Find(node.Op)!;
        Assert.Equal(inputs, OpTypes.InputTypes(node, definition));
        Assert.Equal(outputs, OpTypes.OutputTypes(node, definition));
    }

    [Fact]
    public void An_absent_attribute_is_named()
    {
        var error = Assert.Throws<TransformException>(() => OpTypes.OutputTypes(GraphText.ParseNode("y = Relu(x)"), OpTable.Find("Relu")!));
        Assert.Equal((StatusKind.NotFound, "y"), (error.Kind, error.Node));
        Assert.Contains("'T'", error.Message, StringComparison.Ordinal);
    }
}
