using TransformFramework.Dsl.Binding;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Tests.Binding;

public sealed class IgnoreErrorsTests
{
    [Theory]
    [InlineData("f", false)]
    [InlineData("f(ignore_errors=true)", true)]
    [InlineData("f(ignore_errors=TRUE)", true)]
    [InlineData("f(ignore_errors=\"False\")", false)]
    [InlineData("f(a=1, ignore_errors=true, ignore_errors=nonsense)", true)]
    [InlineData("f(IGNORE_ERRORS=true)", false)]
    public void ReadsTheFirstValueInAnyCase(string script, bool expected)
    {
        var (value, error) = IgnoreErrors.Read(ScriptParser.Parse(script).Script!.Calls[0]);

        Assert.Null(error);
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("")]
    [InlineData(" true")]
    [InlineData("yes")]
    public void RefusesOtherValues(string value)
    {
        var (_, error) = IgnoreErrors.Read(ScriptParser.Parse($"f(ignore_errors=\"{value}\")").Script!.Calls[0]);

        Assert.Equal($"ignore_errors should be true or false, found {value}", error?.Message);
        Assert.Equal("f(ignore_errors=".Length, error!.Span!.Value.Start);
    }
}
