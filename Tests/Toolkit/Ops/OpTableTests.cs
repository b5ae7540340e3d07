using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Toolkit.Tests.Ops;

public sealed class OpTableTests
{
    /// <remarks>The table has the arguments of the newest release only, so they are checked against its attributes.</remarks>
    [Theory]
    [InlineData(OpRelease.Union)]
    [InlineData(OpRelease.Tf115)]
    [InlineData(OpRelease.Tf212)]
    public void Every_line_parses_with_arguments_that_its_attributes_explain(OpRelease release)
    {
        var definitions = OpTable.Names.Select(name => OpTable.Find(name, release)).OfType<OpDefinition>().ToList();
        Assert.InRange(definitions.Count, 1000, OpTable.Names.Count());
        foreach (OpDefinition definition in definitions)
        {
            foreach (ArgumentDefinition argument in definition.Inputs.Concat(definition.Outputs))
            {
                Assert.True(argument.Type != DataType.Invalid || argument.TypeAttribute.Length > 0 || argument.TypeListAttribute.Length > 0, $"{definition.Name}.{argument.Name} has no type");
                foreach (string attribute in new[] { argument.TypeAttribute, argument.NumberAttribute, argument.TypeListAttribute }.Where(name => name.Length > 0))
                    Assert.True(OpTable.Find(definition.Name)!.Attribute(attribute) is not null, $"{definition.Name}.{argument.Name} needs '{attribute}'");
            }
        }
    }

    [Theory]
    [InlineData("AnonymousHashTable", false, true)]
    [InlineData("Conv2D", true, true)]
    [InlineData("NoSuchOp", false, false)]
    public void An_op_belongs_to_its_releases(string op, bool in115, bool in212)
    {
        Assert.Equal(in115, OpTable.Find(op, OpRelease.Tf115) is not null);
        Assert.Equal(in212, OpTable.Find(op, OpRelease.Tf212) is not null);
        Assert.Equal(in115 || in212, OpTable.Find(op) is not null);
    }

    [Fact]
    public void Every_name_is_found_by_itself_alone()
    {
        Assert.All(OpTable.Names, name => Assert.Equal(name, OpTable.Find(name)!.Name));
        Assert.All(["", "(", "A(", "@1.15 A", "onv2D", "conv2D", "Conv2", "out: float"], name => Assert.Null(OpTable.Find(name)));
    }

    [Fact]
    public void An_argument_whose_type_became_an_attribute_later_has_its_old_type_before()
    {
        Assert.Equal(DataType.Float, Assert.Single(OpTable.Find("Dequantize", OpRelease.Tf115)!.Outputs).Type);
        Assert.Equal("dtype", Assert.Single(OpTable.Find("Dequantize", OpRelease.Tf212)!.Outputs).TypeAttribute);
    }

    [Fact]
    public void A_later_attribute_is_absent_from_the_older_release()
    {
        Assert.Null(OpTable.Find("ApplyFtrl", OpRelease.Tf115)!.Attribute("multiply_linear_by_lr"));
        Assert.Equal(false, OpTable.Find("ApplyFtrl")!.Attribute("multiply_linear_by_lr")!.Default);
    }

    [Fact]
    public void Infinite_defaults_are_read() =>
        Assert.Equal(float.NegativeInfinity, OpTable.Find("DebugNumericSummary")!.Attribute("lower_bound")!.Default);

    [Fact]
    public void Arguments_attributes_and_flags_are_those_of_the_op()
    {
        OpDefinition convolution = OpTable.Find("Conv2D")!;
        Assert.Equal(["input", "filter"], convolution.Inputs.Select(input => input.Name));
        Assert.Equal("NHWC", convolution.Attribute("data_format")!.Default);
        Assert.Equal(AttributeValue.Ints(1, 1, 1, 1), convolution.Attribute("dilations")!.Default);
        Assert.Equal(AttributeValue.Strings("SAME", "VALID", "EXPLICIT"), convolution.Attribute("padding")!.Allowed);
        Assert.Null(convolution.Attribute("padding")!.Default);
        Assert.True(OpTable.Find("VariableV2")!.IsStateful);
        Assert.True(OpTable.Find("VariableV2")!.Outputs[0].IsReference);
        Assert.True(OpTable.Find("AddN") is { IsCommutative: true, IsAggregate: true, IsStateful: false });
        Assert.Equal("N", OpTable.Find("AddN")!.Inputs[0].NumberAttribute);
        Assert.Equal(1, OpTable.Find("AddN")!.Attribute("N")!.Minimum);
        Assert.Equal("U", OpTable.Find("Print")!.Inputs[1].TypeListAttribute);
    }
}
