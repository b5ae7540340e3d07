using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Tests.Syntax;

/// <summary>Forms whose outcome in the original tool was measured.</summary>
public sealed class OutcomeTableTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  \n ", "")]
    [InlineData(" \t\n\v\f\r", "")]
    [InlineData("foo", "foo")]
    [InlineData("2foo", "2foo")]
    [InlineData("foo bar", "foo;bar")]
    [InlineData("foo\nbar", "foo;bar")]
    [InlineData("foo() bar()", "foo;bar")]
    [InlineData("foo()bar()", "foo;bar")]
    [InlineData("foo()bar", "foo;bar")]
    [InlineData("foo(a=1)", "foo{a=1}")]
    [InlineData("foo( a=1)", "foo{a=1}")]
    [InlineData("foo(,a=1)", "foo{a=1}")]
    [InlineData("foo(, a=1)", "foo{a=1}")]
    [InlineData("foo(\na=1)", "foo{a=1}")]
    [InlineData("foo(a=1, b=2)", "foo{a=1|b=2}")]
    [InlineData("foo(a=1,b=2)", "foo{a=1|b=2}")]
    [InlineData("foo(a=1 b=2)", "foo{a=1|b=2}")]
    [InlineData("foo(a=1\nb=2)", "foo{a=1|b=2}")]
    [InlineData("foo(a=1,\n b=2)", "foo{a=1|b=2}")]
    [InlineData("foo(a=1, b=2, a=3)", "foo{a=1|b=2|a=3}")]
    [InlineData("foo(a=\"1\"b=\"2\")", "foo{a=1|b=2}")]
    [InlineData("foo(a=\"\")", "foo{a=}")]
    [InlineData("foo(a=\"x y,z:(0)\")", "foo{a=x y,z:(0)}")]
    [InlineData("foo(a=\"x\\\"y\")", "foo{a=x\\\"y}")]
    [InlineData("foo(a=\"*\")", "foo{a=*}")]
    [InlineData("foo(a=b/c-d.e_f)", "foo{a=b/c-d.e_f}")]
    [InlineData("foo(a=-1.5e-3)", "foo{a=-1.5e-3}")]
    [InlineData("foo(a=1')", "foo{a=1}")]
    [InlineData("foo(a=1\")", "foo{a=1}")]
    [InlineData("foo(a=1\"')", "foo{a=1}")]
    [InlineData("foo(a=\"1\"\")", "foo{a=1}")]
    [InlineData("foo(a=\"1\"')", "foo{a=1}")]
    [InlineData("foo(a=\"1\"\"')", "foo{a=1}")]
    [InlineData("foo(a=\"x\ny\")", "foo{a=x\ny}")]
    [InlineData("foo(a=\"é中\")", "foo{a=é中}")]
    [InlineData("foo(a=\"it's\")", "foo{a=it's}")]
    [InlineData("foo(a=\"x\\\\\")", "foo{a=x\\\\}")]
    public void Accepts(string text, string expected)
    {
        var result = ScriptParser.Parse(text);

        Assert.DoesNotContain(result.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error);
        Assert.Equal(expected, Show(result.Script!));
    }

    [Theory]
    [InlineData("foo(a=1 , b=2)", "TFX0002", ", b=2)", "blank before the comma")]
    [InlineData("foo(a=\"x\" , b=1)", "TFX0002", ", b=1)", "blank before the comma")]
    [InlineData("foo(a=1 )", "TFX0002", ")", "blank before the ')'")]
    [InlineData("foo( )", "TFX0002", ")", "blank before the ')'")]
    [InlineData("foo(a=1) )", "TFX0001", ")", "no '(' is open")]
    [InlineData("foo(a=1)) bar", "TFX0001", ") bar", "no '(' is open")]
    [InlineData("foo(a=1,)", "TFX0002", ")", "Remove the comma before")]
    [InlineData("foo(a=1,,b=2)", "TFX0002", ",b=2)", "one of the commas")]
    [InlineData("foo(a=1,2,3)", "TFX0003", ",3)", "a=\"1,2,3\"")]
    [InlineData("foo(a=1, 2, 3)", "TFX0003", ", 3)", "a=\"1, 2, 3\"")]
    [InlineData("foo(a=1,2)", "TFX0003", ")", "a=\"1,2\"")]
    [InlineData("foo(x=0, a=1,2)", "TFX0003", ")", "a=\"1,2\"")]
    [InlineData("foo (a=1)", "TFX0001", "(a=1)", "blank before the '('")]
    [InlineData("foo(a = 1)", "TFX0003", " = 1)", "blank before the '='")]
    [InlineData("foo(a-b=1)", "TFX0003", "-b=1)", "'a_b'")]
    [InlineData("foo(a= 1)", "TFX0004", " 1)", "blank after the '='")]
    [InlineData("foo(a=)", "TFX0004", ")", "a=\"\"")]
    [InlineData("foo(a='1')", "TFX0004", "'1')", "double quotes: a=\"1\"")]
    [InlineData("foo(a=*)", "TFX0004", "*)", "a=\"*\"")]
    [InlineData("foo(a=^x)", "TFX0004", "^x)", "a=\"^x\"")]
    [InlineData("foo(a=b:0)", "TFX0002", ":0)", "a=\"b:0\"")]
    [InlineData("foo(a=1e+5)", "TFX0002", "+5)", "a=\"1e+5\"")]
    [InlineData("foo(a=1;b=2)", "TFX0002", ";b=2)", "Separate arguments with a comma")]
    [InlineData("foo,bar", "TFX0001", ",bar", "Remove the ','")]
    [InlineData("foo;bar", "TFX0001", ";bar", "Remove the ';'")]
    [InlineData("foo-bar", "TFX0001", "-bar", "'foo_bar'")]
    [InlineData("\\\nfoo", "TFX0001", "\\\nfoo", "backslash")]
    [InlineData("foo\\\n", "TFX0001", "\\\n", "backslash")]
    [InlineData("foo(a=1, \\\n b=2)", "TFX0002", "\\\n b=2)", "backslash")]
    [InlineData("foo(a=1'\")", "TFX0002", "\")", "quotes")]
    [InlineData("foo(a=1\"\")", "TFX0002", "\")", "quotes")]
    [InlineData("foo(a=1\"b)", "TFX0003", ")", "quote inside a value")]
    [InlineData("foo(a=\"1\"b)", "TFX0003", ")", "quote inside a value")]
    [InlineData("foo(a=\"1\"\"b\")", "TFX0003", "\")", "quote inside a value")]
    [InlineData("foo(a=1,, b=2)", "TFX0002", ", b=2)", "one of the commas")]
    [InlineData("foo(,,a=1)", "TFX0002", ",a=1)", "one of the commas")]
    [InlineData("foo(,)", "TFX0002", ")", "Remove the comma")]
    [InlineData("foo(a==1)", "TFX0004", "=1)", "Remove one '='")]
    [InlineData("foo(a={1})", "TFX0004", "{1})", "a=\"1\"")]
    [InlineData("foo(a=[1,2])", "TFX0004", "[1,2])", "a=\"1,2\"")]
    [InlineData("foo(a=~/x)", "TFX0004", "~/x)", "a=\"~/x\"")]
    [InlineData("foo(a=é)", "TFX0004", "é)", "a=\"é\"")]
    [InlineData("\"foo\"", "TFX0001", "\"foo\"", "only values are quoted")]
    [InlineData("'foo bar'", "TFX0001", "'foo bar'", "only values are quoted")]
    [InlineData("é", "TFX0001", "é", "ASCII letters")]
    [InlineData("foo\0bar", "TFX0001", "\0bar", "Names consist")]
    [InlineData("foo\u00A0bar", "TFX0001", "\u00A0bar", "plain blank")]
    [InlineData("foo(device:a)", "TFX0003", ":a)", "'=' between")]
    [InlineData("foo(a=1 bar(", "TFX0003", "(", "before 'bar'")]
    [InlineData("foo((a=1)", "TFX0002", "(a=1)", "second '('")]
    [InlineData("foo(\"a\"=1)", "TFX0002", "\"a\"=1)", "only values are quoted")]
    [InlineData("foo(a=b\\c)", "TFX0002", "\\c)", "a=\"b\\c\"")]
    [InlineData("--inputs=x foo", "TFX0001", "--inputs=x foo", "command line")]
    [InlineData("foo // x", "TFX0001", "// x", "begin with '#'")]
    public void Rejects(string text, string id, string rest, string hint)
    {
        var result = ScriptParser.Parse(text);

        Assert.Null(result.Script);
        var error = Assert.Single(result.Diagnostics);
        Assert.Equal(id, error.Id);
        Assert.Equal(rest, text[error.Span!.Value.Start..]);
        Assert.Contains(hint, error.Suggestion, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foo(", "TFX0006", "")]
    [InlineData("foo( ", "TFX0006", "")]
    [InlineData("foo(a", "TFX0006", "")]
    [InlineData("foo(a=", "TFX0006", "")]
    [InlineData("foo(a=1", "TFX0006", "")]
    [InlineData("foo(a=1 ", "TFX0006", "")]
    [InlineData("foo(a=1,", "TFX0006", "")]
    [InlineData("foo(a=1,b=2", "TFX0006", "")]
    [InlineData("bar foo(a=1", "TFX0006", "")]
    [InlineData("foo(a=1 bar", "TFX0006", "")]
    [InlineData("foo(a=\"x", "TFX0005", "\"x")]
    [InlineData("foo(a=\"", "TFX0005", "\"")]
    [InlineData("foo(a=\"x\\\")", "TFX0005", "\"x\\\")")]
    public void RejectsWhatIsNotClosed(string text, string id, string rest)
    {
        var error = Assert.Single(ScriptParser.Parse(text).Diagnostics);

        Assert.Equal(id, error.Id);
        Assert.Equal(rest, text[error.Span!.Value.Start..]);
        Assert.NotNull(error.Suggestion);
    }

    private static string Show(Script script) => string.Join(';', script.Calls.Select(call => call.Arguments.IsEmpty
        ? call.QualifiedName
        : $"{call.QualifiedName}{{{string.Join('|', call.Arguments.Select(argument => $"{argument.Name}={argument.Value}"))}}}"));
}
