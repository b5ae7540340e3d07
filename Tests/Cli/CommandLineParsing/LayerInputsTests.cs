using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Graphs;

namespace TransformFramework.Cli.Tests.CommandLineParsing;

public sealed class LayerInputsTests
{
    [Fact]
    public void Layers_are_zeros_or_begin_with_the_values_given()
    {
        var feeds = LayerInputs.Read("a:0,b,c", "2,2:3:", "float,int32,bool", "1.5,-2:7:1");
        Assert.Equal([1.5f, -2f, 0f, 0f], feeds["a:0"].AsSpan<float>().ToArray());
        Assert.Equal([7, 0, 0], feeds["b"].AsSpan<int>().ToArray());
        Assert.Equal((TensorShape.Scalar, true), (feeds["c"].Shape, feeds["c"].AsSpan<bool>()[0]));
        Assert.All(LayerInputs.Read("a,b", "4:2", "quint8,uint8", "").Values, tensor => Assert.All(tensor.Bytes.ToArray(), element => Assert.Equal(0, element)));
        Assert.Equal(["x", ""], LayerInputs.Read("s", "2", "string", "x")["s"].Strings.Select(text => System.Text.Encoding.UTF8.GetString(text.Span)));
    }

    [Theory]
    [InlineData("a,b", "1", "float,float", "", "the same number of items")]
    [InlineData("a", "1", "float,float", "", "the same number of items")]
    [InlineData("a", "1", "float", "1:2", "the same number of items")]
    [InlineData("a", "-1,3", "float", "", "not a known shape")]
    [InlineData("a", "1", "complex64", "", "the type 'complex64' is not supported")]
    [InlineData("a", "1", "flot", "", "the type 'flot' is not supported")]
    [InlineData("a", "1", "float", "1,2", "2 values for a tensor of shape [1]")]
    [InlineData("a", "1", "float", "one", "'one' is no number")]
    public void What_does_not_fit_is_refused(string layers, string shapes, string types, string values, string message)
    {
        var error = Assert.Throws<CommandException>(() => LayerInputs.Read(layers, shapes, types, values));
        Assert.Equal(ExitCodes.Usage, error.ExitCode);
        Assert.Contains(message, error.Diagnostic.Message, StringComparison.Ordinal);
    }
}
