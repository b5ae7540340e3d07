using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

public sealed class TextKernelTests
{
    [Theory]
    [InlineData("StringToHashBucket", 8, 0, 7)]
    [InlineData("StringToHashBucketFast", 9, 2, 2)]
    public void HashesIntoTheBucketsOfTheOriginalsTests(string op, long a, long b, long c) =>
        Assert.Equal([a, b, c], Run(op, AttributeMap.Of(("num_buckets", 10)), Words("a", "b", "c")).AsSpan<long>().ToArray());

    [Fact]
    public void HashesWithAKey() =>
        Assert.Equal([4L, 2L, 8L], Run("StringToHashBucketStrong", AttributeMap.Of(("num_buckets", 10), ("key", AttributeValue.Ints(98765, 132))), Words("a", "b", "c")).AsSpan<long>().ToArray());

    [Theory]
    [InlineData("", 1, "hello|there")]
    [InlineData("-", 1, "ab|-c")]
    public void JoinsElementByElement(string separator, int count, string expected)
    {
        string[] parts = separator.Length == 0 ? ["hello", "there"] : ["ab", "-c"];
        Tensor[] inputs = [Words(TensorShape.Scalar, parts[0]), Words(parts[1])];
        Assert.Equal([expected.Replace("|", separator, StringComparison.Ordinal)], Run("StringJoin", AttributeMap.Of(("separator", separator)), inputs).Strings());
        Assert.Equal(count, inputs[1].ElementCount);
    }

    [Theory]
    [InlineData("a b  c", " ", true, "a,b,c")]
    [InlineData("a b  c", " ", false, "a,b,,c")]
    [InlineData("abc", "", true, "a,b,c")]
    [InlineData("a;b c", "; ", true, "a,b,c")]
    public void SplitsAtEachByteOfTheDelimiter(string text, string delimiter, bool skipsEmpty, string expected)
    {
        var results = Run("StringSplit", AttributeMap.Of(("skip_empty", skipsEmpty)), 3, Words(text), Words(TensorShape.Scalar, delimiter));
        Assert.Equal(expected.Split(','), results[1].Strings());
        Assert.Equal([1L, results[1].ElementCount], results[2].AsSpan<long>().ToArray());
    }

    [Theory]
    [InlineData("  a  b c ", "", -1, "a,b,c")]
    [InlineData("  a  b c ", "", 1, "a,b c ")]
    [InlineData("1<>2<><>3", "<>", -1, "1,2,,3")]
    public void SplitsAtSeparators(string text, string separator, int most, string expected) =>
        Assert.Equal(expected.Split(','), Run("StringSplitV2", AttributeMap.Of(("maxsplit", most)), 3, Words(text), Words(TensorShape.Scalar, separator))[1].Strings());

    [Theory]
    [InlineData("hello", 1, 3, "BYTE", "ell")]
    [InlineData("hello", -3, 2, "BYTE", "ll")]
    [InlineData("grün", 2, 1, "UTF8_CHAR", "ü")]
    public void CutsSubstrings(string text, int position, int length, string unit, string expected) =>
        Assert.Equal([expected], Run("Substr", AttributeMap.Of(("unit", unit)), Words(text), Tensor.Scalar(position), Tensor.Scalar(length)).Strings());

    [Fact]
    public void RefusesASubstringBeyondTheEnd() =>
        Assert.Equal(StatusKind.InvalidArgument, Refusal("Substr", AttributeMap.Empty, Words("ab"), Tensor.Scalar(3), Tensor.Scalar(1)));

    [Theory]
    [InlineData("%f", 1.5f, "1.500000")]
    [InlineData("%e", 1.5f, "1.500000e+00")]
    [InlineData("%g", 1e-7f, "1e-07")]
    [InlineData("%g", 123456f, "123456")]
    public void WritesNumbersAsPrintf(string format, float value, string expected) =>
        Assert.Equal([expected], Run("AsString", AttributeMap.Of(("scientific", format == "%e"), ("shortest", format == "%g")), Tensor.Scalar(value)).Strings());

    [Fact]
    public void PadsNumbers() =>
        Assert.Equal(["-007"], Run("AsString", AttributeMap.Of(("width", 4), ("fill", "0")), Tensor.Scalar(-7)).Strings());

    [Fact]
    public void ReadsNumbers()
    {
        Assert.Equal([1.25f, float.NegativeInfinity], Run("StringToNumber", AttributeMap.Empty, Words(" 1.25", "-inf")).AsSpan<float>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Refusal("StringToNumber", AttributeMap.Of(("out_type", DataType.Int32)), Words("12x")));
    }

    [Fact]
    public void ReplacesByPattern() =>
        Assert.Equal(["[b]-[a]"], Run("RegexReplace", AttributeMap.Empty, Words("a-b"), Words(TensorShape.Scalar, "(\\w)-(\\w)"), Words(TensorShape.Scalar, "[\\2]-[\\1]")).Strings());

    /// <summary>Patterns of which a matcher that goes back takes time exponential in the text.</summary>
    [Fact]
    public void Patterns_are_matched_in_time_proportional_to_the_text()
    {
        string text = new string('a', 100_000) + "b";
        Assert.Equal([text], Run("RegexReplace", AttributeMap.Empty, Words(text), Words(TensorShape.Scalar, "(a+)+$"), Words(TensorShape.Scalar, "x")).Strings());
    }

    [Theory]
    [InlineData("(a)\\1")]
    [InlineData("a(?=b)")]
    [InlineData("(")]
    public void Patterns_that_the_original_does_not_know_are_refused(string pattern) =>
        Assert.Throws<ExecutionException>(() => Run("RegexReplace", AttributeMap.Empty, Words("aab"), Words(TensorShape.Scalar, pattern), Words(TensorShape.Scalar, "x")));

    [Fact]
    public void ReducesByJoining()
    {
        Tensor words = Words(TensorShape.Of(2, 2), "a", "b", "c", "d");
        Assert.Equal(["ac", "bd"], Run("ReduceJoin", AttributeMap.Empty, words, Tensor.Scalar(0)).Strings());
        Assert.Equal(["a-b-c-d"], Run("ReduceJoin", AttributeMap.Of(("separator", "-")), words, Ints(0, 1)).Strings());
        Assert.Equal(["acbd"], Run("ReduceJoin", AttributeMap.Empty, words, Ints(1, 0)).Strings());
    }

    [Fact]
    public void EncodesAndDecodes()
    {
        Tensor encoded = Run("EncodeBase64", AttributeMap.Empty, Words("a?>~"));
        Assert.Equal(["YT8-fg"], encoded.Strings());
        Assert.Equal(["a?>~"], Run("DecodeBase64", AttributeMap.Empty, encoded).Strings());
        Assert.Equal([0x6261, 0x6463], Run("DecodeRaw", AttributeMap.Of(("out_type", DataType.UInt16)), Words("abcd")).AsSpan<ushort>().ToArray().Select(value => (int)value));
    }
}
