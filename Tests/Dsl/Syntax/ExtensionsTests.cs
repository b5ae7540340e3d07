using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Tests.Syntax;

/// <summary>What scripts may hold that the original refuses.</summary>
public sealed class ExtensionsTests
{
    [Theory]
    [InlineData("# all\nfoo # first\n  # second\nbar# last", "foo,bar", "# all|# first|# second|# last")]
    [InlineData("foo( # a\n a=1, # b\n # c\n b=2)", "foo", "# a|# b|# c")]
    [InlineData("foo(,# a\n a=1# b\n b=2)", "foo", "# a|# b")]
    [InlineData("#", "", "#")]
    [InlineData("# a\r\nfoo\r# b", "foo", "# a|# b")]
    [InlineData("foo(a=\"# no comment\")", "foo", "")]
    public void ReadsComments(string text, string names, string comments)
    {
        var result = ScriptParser.Parse(text);

        Assert.Empty(result.Diagnostics);
        Assert.Equal(names, string.Join(',', result.Script!.Calls.Select(call => call.Name)));
        Assert.Equal(comments, string.Join('|', AllComments(result.Script)));
    }

    [Theory]
    [InlineData("foo(a=1 # last\n)")]
    [InlineData("foo # no\n(a=1)")]
    [InlineData("foo(a=# no\n1)")]
    public void RefusesCommentsWhereNoBlankMayStand(string text) => Assert.Null(ScriptParser.Parse(text).Script);

    [Theory]
    [InlineData("foo(a=“1,2”)", "1,2")]
    [InlineData("foo(a=„1,2“)", "1,2")]
    [InlineData("foo(a=”1,2”)", "1,2")]
    [InlineData("foo(a=“1,2\")", "1,2")]
    [InlineData("foo(a=‘1,2’)", "1,2")]
    [InlineData("foo(a=“it’s”)", "it’s")]
    [InlineData("foo(a=“”)", "")]
    [InlineData("foo(a=“a\\\"b”)", "a\\\"b")]
    public void ReadsTypographicQuotesWithAWarning(string text, string value)
    {
        var result = ScriptParser.Parse(text);

        Assert.Equal(value, result.Script!.Calls[0].Arguments[0].Value);
        var warning = Assert.Single(result.Diagnostics);
        Assert.Equal((DslDiagnostics.TypographicQuote.Id, Severity.Warning), (warning.Id, warning.Severity));
        Assert.Equal("foo(a=".Length, warning.Span!.Value.Start);
    }

    [Fact]
    public void KeepsTypographicQuotesInsideAPlainValue()
    {
        var result = ScriptParser.Parse("foo(a=\"“x”\")");

        Assert.Empty(result.Diagnostics);
        Assert.Equal("“x”", result.Script!.Calls[0].Arguments[0].Value);
    }

    [Theory]
    [InlineData("foo(a=1\"')", 2)]
    [InlineData("foo(a=1’)", 1)]
    public void WarnsOfStrayQuotes(string text, int count)
    {
        var result = ScriptParser.Parse(text);

        Assert.Equal("1", result.Script!.Calls[0].Arguments[0].Value);
        Assert.Equal(Enumerable.Repeat(DslDiagnostics.StrayQuote.Id, count), result.Diagnostics.Select(diagnostic => diagnostic.Id));
    }

    [Theory]
    [InlineData("onnx::export", "onnx", "export")]
    [InlineData("Acme.Graph-Tools::fold(a=1)", "Acme.Graph-Tools", "fold")]
    public void ReadsAPluginPrefix(string text, string plugin, string name)
    {
        var call = Assert.Single(ScriptParser.Parse(text).Script!.Calls);

        Assert.Equal((plugin, name), (call.Plugin, call.Name));
        Assert.Equal(name, text.Substring(call.NameSpan.Start, call.NameSpan.Length));
        Assert.Equal(text, text.Substring(call.Span.Start, call.Span.Length));
    }

    [Theory]
    [InlineData("a:b")]
    [InlineData("a::")]
    [InlineData("a:: b")]
    [InlineData("a::b::c")]
    [InlineData("::b")]
    public void RefusesABrokenPrefix(string text) => Assert.Equal(DslDiagnostics.TransformNameExpected.Id, Assert.Single(ScriptParser.Parse(text).Diagnostics).Id);

    [Fact]
    public void KnowsWhereThingsAre()
    {
        const string text = "one\r\n\ttwo(\r  key=\"a\nb\")";
        var call = ScriptParser.Parse(text).Script!.Calls[1];
        var argument = call.Arguments[0];

        Assert.Equal(new SourceSpan(6, 17, 2, 2), call.Span);
        Assert.Equal(new SourceSpan(6, 3, 2, 2), call.NameSpan);
        Assert.Equal(new SourceSpan(13, 3, 3, 3), argument.NameSpan);
        Assert.Equal(new SourceSpan(17, 5, 3, 7), argument.ValueSpan);
        Assert.True(argument.IsQuoted);
    }

    internal static IEnumerable<string> AllComments(Script script) => script.Calls
        .SelectMany(call => call.LeadingComments.Concat(call.Arguments.SelectMany(argument => argument.LeadingComments)))
        .Concat(script.TrailingComments)
        .Select(comment => comment.Text);
}
