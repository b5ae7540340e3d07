using CsCheck;
using TransformFramework.Graphs;
using TransformFramework.Tests.Shared;

namespace TransformFramework.Abstractions.Tests.Text;

public class ParseErrorTests
{
    [Theory]
    [InlineData("x", 1, 2, "'='")]
    [InlineData("x = ", 1, 5, "an op")]
    [InlineData("x = Op", 1, 7, "'('")]
    [InlineData("x = Op(a b)", 1, 10, "')'")]
    [InlineData("x = Op(\n a,)", 2, 4, "an input or ')'")]
    [InlineData("x = Op() {a}", 1, 12, "'='")]
    [InlineData("x = Op() {a=}", 1, 13, "a value")]
    [InlineData("x = Op() {a=1, a=2}", 1, 16, "one value for 'a'")]
    [InlineData("x = Op() {a=Infinity}", 1, 13, "a value")]
    [InlineData("x = Op() {a=99999999999999999999}", 1, 13, "an integer of 64 bits")]
    [InlineData("x = Op() {a=\"open}", 1, 19, "a closing quote")]
    [InlineData("x = Op() {a=\"\\q\"}", 1, 14, "an escape that a byte string can hold")]
    [InlineData("\"\\u12\" = Op()", 1, 2, "an escape that a name can hold")]
    [InlineData("x = Op() {a=[[1]]}", 1, 14, "an item that a list can hold")]
    [InlineData("x = Op() {a=float[2]{1}}", 1, 18, "as many elements as shape [2] has, not 1 ('values' repeats the last one, 'raw' takes any bytes)")]
    [InlineData("x = Op() {a=uint8[1]{256}}", 1, 22, "a number of type uint8")]
    [InlineData("x = Op() {a=float[1]{nan(0x0)}}", 1, 22, "the bits of a NaN of the type")]
    [InlineData("x = Op() {a=float[1,x]{}}", 1, 21, "a dimension, '?', a dimension's name or '...'")]
    [InlineData("x = Op() !abc", 1, 11, "pairs of hexadecimal digits")]
    [InlineData("x = Op() y = Op()", 1, 10, "the end of the line")]
    [InlineData("function f {\n  x = Op()\n", 3, 1, "a line of a function or '}'")]
    [InlineData("versions {producer=\"x\"}", 1, 10, "an integer for 'producer'")]
    [InlineData("versions {oops=1}", 1, 10, "no field 'oops'")]
    public void An_error_says_where_and_what_was_expected(string text, int line, int column, string expected)
    {
        var error = Assert.Throws<GraphTextException>(() => GraphText.Parse(text));
        Assert.Equal((line, column, expected), (error.Line, error.Column, error.Expected));
    }

    [Theory]
    [InlineData("x = Op() {a=", "[", 100_000)]
    [InlineData("x = Op() {a=", "@f{a=", 100_000)]
    [InlineData("", "function f {\n", 100_000)]
    [InlineData("x = Op() {a=", "float[1]{", 100_000)]
    public void Deep_nesting_is_an_error_and_no_crash(string start, string nested, int times) =>
        Assert.Throws<GraphTextException>(() => GraphText.Parse(start + string.Concat(Enumerable.Repeat(nested, times))));

    [Fact]
    public void Any_text_is_read_or_refused_with_its_own_exception() =>
        Gen.Select(RandomGraphs.Graphs, Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 3], Gen.Char[' ', '~']).Array[1, 3]).Sample(
            (graph, mutations) =>
            {
                string text = mutations.Aggregate(GraphText.Print(graph), (current, mutation) => Mutate(current, mutation.Item1, mutation.Item2, mutation.Item3));
                try
                {
                    Graph read = GraphText.Parse(text);
                    Assert.True(RandomGraphs.AreEqual(read, GraphText.Parse(GraphText.Print(read))));
                }
                catch (GraphTextException error)
                {
                    Assert.InRange(error.Line, 1, text.Length + 1);
                }
            },
            iter: 100_000);

    private static string Mutate(string text, int place, int kind, char inserted)
    {
        int at = text.Length == 0 ? 0 : place % text.Length;
        const string Punctuation = "{}[]()@$!;=:,\"\\<#\n?^";
        return kind switch
        {
            0 => text.Insert(at, Punctuation[place % Punctuation.Length].ToString()),
            1 => text.Insert(at, inserted.ToString()),
            2 => text[..at],
            _ => text.Length == 0 ? text : text.Remove(at, 1),
        };
    }
}
