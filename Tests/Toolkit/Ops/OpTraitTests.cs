namespace TransformFramework.Toolkit.Ops;

public sealed class OpTraitTests
{
    [Theory]
    [InlineData("Conv2D", OpTraits.Multiplies)]
    [InlineData("Relu", OpTraits.None)]
    [InlineData("QuantizeV2", OpTraits.Quantizes | OpTraits.GivesRange)]
    [InlineData("RequantizePerChannel", OpTraits.Quantizes | OpTraits.GivesRange)]
    [InlineData("FakeQuantWithMinMaxVars", OpTraits.Quantizes)]
    [InlineData("Dequantize", OpTraits.None)]
    [InlineData("QuantizedConv2DWithBias", OpTraits.Quantizes | OpTraits.Multiplies)]
    [InlineData("QuantizedConv2DWithBiasAndReluAndRequantize", OpTraits.Quantizes | OpTraits.Multiplies | OpTraits.RequantizesByGivenRange | OpTraits.GivesRange)]
    [InlineData("QuantizeImage", OpTraits.None)]
    public void An_op_has_the_traits_of_the_table_and_not_of_its_name(string op, OpTraits expected) => Assert.Equal(expected, OpTraitTable.Of(op));

    [Theory]
    [InlineData("QuantizedConv2D", false, false, false, false, 2)]
    [InlineData("QuantizedConv2DWithBiasAndRelu", true, false, true, false, 3)]
    [InlineData("QuantizedConv2DWithBiasSumAndReluAndRequantize", true, true, true, true, 3)]
    public void A_fused_name_tells_its_parts(string op, bool hasBias, bool hasSum, bool hasRelu, bool requantizes, int ranges)
    {
        var name = FusedOpName.Of(op);
        Assert.Equal((hasBias, hasSum, hasRelu, requantizes), (name.HasBias, name.HasSum, name.HasRelu, name.Requantizes));
        Assert.Equal(ranges, name.Ranges);
        Assert.Equal(ranges + 4, name.ResultRange);
        Assert.Equal(ranges + (requantizes ? 6 : 4), name.Residual);
    }
}
