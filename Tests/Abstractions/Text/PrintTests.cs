using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Abstractions.Tests.Text;

public class PrintTests
{
    public static TheoryData<string> Lines => new(
        "y = Conv2D(x, w:1, ^init) @\"/gpu:0\" {T=float, padding=\"SAME\", strides=[1,2,2,1]}",
        "x = Placeholder() {dtype=float, shape=(1,?,3)}",
        "x = Placeholder() {dtype=float_ref, shape=(...)}",
        "x = Placeholder() {_output_shapes=[(), (batch:?,3), (2,...)]}",
        "w = Const() {dtype=float, value=float[2,2]{1, 2, 3, 4}}",
        "w = Const() {value=float[2,2] values{0.5}}",
        "w = Const() {value=float values{3}}",
        "w = Const() {value=float[3]{nan, nan(0x7fc00001), -inf}}",
        "w = Const() {value=double[2]{-0, 1E-05}}",
        "w = Const() {value=half[2]{1.5, nan(0x7e01)}}",
        "w = Const() {value=bfloat16[2]{0.1, inf}}",
        "w = Const() {value=quint8[3]{0, 128, 255}}",
        "w = Const() {value=bool[3]{true, false, 2}}",
        "w = Const() {value=complex64[1]{(1, -2)}}",
        "w = Const() {value=string[2]{\"a\", \"\\xff\\n\"}}",
        "w = Const() {value=float[3] raw{0000803f}}",
        "w = Const() {value=float[?] raw values{0000}}",
        "w = Const() {value=variant[] values{; version=2; !0801}}",
        "n = Op() {a=unset, b=1.0, c=1, d=-0.0, e=$T, f=@fn{T=float}, g=type(99), h=invalid}",
        "n = Op() {l=[], m=[1, 2.5, true, \"s\", float, (1), @f; !0801]} !1001",
        "\"\" = \"odd op\"(\"\", \"a b:1\", ^c, d:out:0)");

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_canonical_line_prints_as_it_was_read(string line) =>
        Assert.Equal(line, GraphText.Print(GraphText.ParseNode(line)));

    [Fact]
    public void A_whole_graph_prints_versions_nodes_functions_and_unknown_fields()
    {
        const string Text = """
            versions {bad_consumers=[3], min_consumer=12, producer=21}
            x = Placeholder() {dtype=float}
            call = my_func(x)
            function my_func {
              signature {description="Adds.", is_stateful=true}
              input a {type=float}
              output z {type_attr="T"}
              attribute T {default=float, minimum=1, type="type"}
              with {_inline=true}
              sum = AddV2(a, a) {T=float}
              return z = sum:z:0
              control_return c = sum
            } !0801
            gradient my_func = my_grad
            library !0801
            graph !0801

            """;
        Assert.Equal(Text, GraphText.Print(GraphText.Parse(Text)));
    }

    [Theory]
    [InlineData("w = Const() {value=float[4]{1, 2, 3, 4}}", "w = Const() {value=float[4]{1, 2, <2 more>}}")]
    [InlineData("w = Const() {value=int32[5] raw{010203}}", "w = Const() {value=int32[5] raw{0102<1 more>}}")]
    [InlineData("w = Const() {value=[1,2,3]}", "w = Const() {value=[1,2, <1 more>]}")]
    [InlineData("w = Const() {value=float[2]{1, 2}}", "w = Const() {value=float[2]{1, 2}}")]
    [InlineData("w = Const() {value=\"0123456789012345678901234567890123456789\"}", "w = Const() {value=\"01234567890123456789012345678901\"<8 more>}")]
    public void Long_values_are_cut_for_display_and_the_cut_text_says_that_it_is(string text, string expected)
    {
        string shown = GraphText.Print(GraphText.ParseNode(text), new GraphTextOptions { MaxElements = 2 });
        Assert.Equal(expected, shown);
        if (shown != text)
            Assert.Contains("left out for display", Assert.Throws<GraphTextException>(() => GraphText.ParseNode(shown)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Byte_strings_keep_bytes_that_are_no_text()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value), .. Encoding.UTF8.GetBytes("é😀")];
        var value = new BytesValue(bytes);
        Assert.Equal(bytes, Assert.IsType<BytesValue>(GraphText.ParseValue(GraphText.Print(value))).Bytes.ToArray());
    }

    [Fact]
    public void Lone_surrogates_in_names_survive() =>
        Assert.Equal("\uD800x", GraphText.ParseNode(GraphText.Print(new Node("\uD800x", "Op"))).Name);
}
