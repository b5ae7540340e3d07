using TransformFramework.Structure.Surgery;

namespace TransformFramework.Structure.Tests;

public sealed class SetAttributeTests
{
    [Theory]
    [InlineData("padding", "VALID", "", "padding=\"VALID\"")]
    [InlineData("strides", "1,2,2,1", "", "strides=[1, 2, 2, 1]")]
    [InlineData("use_cudnn_on_gpu", "false", "", "use_cudnn_on_gpu=false")]
    [InlineData("T", "half", "", "T=half")]
    [InlineData("_note", "7", "int", "_note=7")]
    [InlineData("_shape", "1,-1", "shape", "_shape=(1,?)")]
    public void The_kind_is_the_op_s(string name, string value, string kind, string expected) =>
        Assert.Contains(expected, new TransformTest(new SetAttribute(), new SetAttribute.Options { AttributeName = name, AttributeValue = value, AttributeType = kind, OpName = "Conv2D" }).Run("y = Conv2D(x, w) {padding=\"SAME\"}").Replace(",", ", ", StringComparison.Ordinal).Replace(",  ", ", ", StringComparison.Ordinal).Replace("(1, ?)", "(1,?)", StringComparison.Ordinal), StringComparison.Ordinal);

    [Fact]
    public void One_node_is_meant_by_its_name() =>
        new TransformTest(new SetAttribute(), new SetAttribute.Options { AttributeName = "padding", AttributeValue = "VALID", NodeName = "a" })
            .Check("a = MaxPool(x) {padding=\"SAME\"}\nb = MaxPool(x) {padding=\"SAME\"}", "a = MaxPool(x) {padding=\"VALID\"}\nb = MaxPool(x) {padding=\"SAME\"}");

    [Fact]
    public void Every_op_that_has_the_attribute_is_meant_without_a_name() =>
        new TransformTest(new SetAttribute(), new SetAttribute.Options { AttributeName = "padding", AttributeValue = "VALID" })
            .Check("a = MaxPool(x) {padding=\"SAME\"}\nb = Relu(a)", "a = MaxPool(x) {padding=\"VALID\"}\nb = Relu(a)");

    [Theory]
    [InlineData("padding", "VALID", "z", "*", "no node 'z'")]
    [InlineData("padding", "VALID", "b", "*", "has no attribute 'padding'")]
    [InlineData("ksize", "1,x", "", "MaxPool", "'x' is no value of kind 'int'")]
    public void Wrong_names_and_values_are_errors(string name, string value, string node, string op, string message) =>
        Assert.Contains(message, new TransformTest(new SetAttribute(), new SetAttribute.Options { AttributeName = name, AttributeValue = value, NodeName = node, OpName = op }).Fails("a = MaxPool(x)\nb = Relu(a)").Message, StringComparison.Ordinal);
}
