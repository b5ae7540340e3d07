using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Binding;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Dsl.Tests.Binding;

public sealed class OptionsBinderTests
{
    public enum Rounding
    {
        HalfToEven,
        Down,
    }

    public sealed record Options
    {
        [Option("text", "Some text.")] public string Text { get; init; } = "none";
        [Option("flag", "A flag.")] public bool Flag { get; init; }
        [Option("small", "A small number.")] public int Small { get; init; } = 7;
        [Option("large", "A large number.")] public long Large { get; init; }
        [Option("ratio", "A ratio.")] public float Ratio { get; init; }
        [Option("precise", "A precise ratio.")] public double? Precise { get; init; }
        [Option("type", "An element type.")] public DataType Type { get; init; } = DataType.Float;
        [Option("shape", "A shape.")] public TensorShape? Shape { get; init; }
        [Option("rounding", "How to round.")] public Rounding Rounding { get; init; }
        [Option("limit", "A limit.")] public int? Limit { get; init; }
        [Option("op", "Ops.")] public ImmutableArray<string> Ops { get; init; }
        [Option("size", "Sizes.")] public ImmutableArray<int> Sizes { get; init; } = [1, 2];
        [Option("first", "Only the first counts.", FirstValueCounts = true)] public string First { get; init; } = "";
        public string Unbound { get; init; } = "";
    }

    public sealed record RequiredOptions
    {
        private const string Message = "rename_op expects exactly one 'old' and 'new' argument";

        [Option("old", "Old name.", CountMessage = Message)] public required string Old { get; init; }
        [Option("new", "New name.", CountMessage = Message)] public required string New { get; init; }
        [Option("node", "The node.")] public required ImmutableArray<string> Nodes { get; init; }
    }

    public sealed record CheckedOptions
    {
        [Option("steps", "Number of steps.")]
        public int Steps
        {
            get;
            init => field = value > 0 ? value : throw new TransformException("steps must be positive");
        }
    }

    public sealed record PositionalOptions([property: Option("a", "A.")] string A);

    public sealed record UnsupportedOptions
    {
        [Option("a", "A.")] public DateTime A { get; init; }
    }

    [Theory]
    [InlineData("text=abc", "abc")]
    [InlineData("text=\"\"", "")]
    [InlineData("text=\"a\\\"b\"", "a\\\"b")]
    public void ReadsText(string argument, string expected) => Assert.Equal(expected, Bind(argument).Text);

    [Theory]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    public void ReadsBooleans(string value, bool expected) => Assert.Equal(expected, Bind($"flag={value}").Flag);

    [Theory]
    [InlineData("12", 12)]
    [InlineData("-12", -12)]
    [InlineData("\" 12\n\"", 12)]
    [InlineData("007", 7)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("-2147483648", int.MinValue)]
    public void ReadsIntegers(string value, int expected)
    {
        Assert.Equal(expected, Bind($"small={value}").Small);
        Assert.Equal(expected, Bind($"large={value}").Large);
        Assert.Equal(expected, Bind($"limit={value}").Limit);
    }

    [Theory]
    [InlineData("1.5", 1.5)]
    [InlineData("-1.5e-3", -1.5e-3)]
    [InlineData("\"1e+5\"", 1e5)]
    [InlineData("\"+2\"", 2)]
    [InlineData(".5", .5)]
    [InlineData("5.", 5)]
    [InlineData("\" 1 \"", 1)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("nan", double.NaN)]
    [InlineData("0x10", 16)]
    [InlineData("0x1.8p1", 3)]
    [InlineData("-0x1p-2", -.25)]
    public void ReadsFloats(string value, double expected)
    {
        Assert.Equal((float)expected, Bind($"ratio={value}").Ratio);
        Assert.Equal(expected, Bind($"precise={value}").Precise);
    }

    [Theory]
    [InlineData("nan", 0x7fc00000u)]
    [InlineData("-nan", 0xffc00000u)]
    public void ReadsTheSignOfNaN(string value, uint expected) => Assert.Equal(expected, BitConverter.SingleToUInt32Bits(Bind($"ratio={value}").Ratio));

    [Fact]
    public void RoundsADecimalToTheNearestFloatInOneStep() => Assert.Equal(1.00000018f, Bind("ratio=1.00000017881393432617187500001").Ratio);

    [Theory]
    [InlineData("float", DataType.Float)]
    [InlineData("float16", DataType.Half)]
    [InlineData("quint8", DataType.QUInt8)]
    public void ReadsTypes(string value, DataType expected) => Assert.Equal(expected, Bind($"type={value}").Type);

    [Theory]
    [InlineData("1,224,224,3", "[1,224,224,3]")]
    [InlineData("1, 2,\n03", "[1,2,3]")]
    [InlineData("0", "[0]")]
    public void ReadsShapes(string value, string expected) => Assert.Equal(expected, Bind($"shape=\"{value}\"").Shape!.ToString());

    [Theory]
    [InlineData("half_to_even", Rounding.HalfToEven)]
    [InlineData("HalfToEven", Rounding.HalfToEven)]
    [InlineData("DOWN", Rounding.Down)]
    public void ReadsEnums(string value, Rounding expected) => Assert.Equal(expected, Bind($"rounding={value}").Rounding);

    [Fact]
    public void CollectsRepeatedValuesInOrder()
    {
        var options = Bind("op=Mul, small=1, op=Add, size=3");

        Assert.Equal(new[] { "Mul", "Add" }, options.Ops.AsEnumerable());
        Assert.Equal(new[] { 3 }, options.Sizes.AsEnumerable());
    }

    [Fact]
    public void LeavesDefaultsWhereNothingIsGiven()
    {
        var options = Bind("ignore_errors=maybe");

        Assert.Equal(("none", 7, DataType.Float), (options.Text, options.Small, options.Type));
        Assert.Null(options.Limit);
        Assert.Empty(options.Ops);
        Assert.Equal(new[] { 1, 2 }, options.Sizes.AsEnumerable());
    }

    [Fact]
    public void TakesTheFirstValueWhereItCounts() => Assert.Equal("a", Bind("first=a, first=b").First);

    [Theory]
    [InlineData("flag=TRUE", "Couldn't interpret the flag argument as a boolean:TRUE (expected true, false, 0 or 1)")]
    [InlineData("flag=\"\"", "Couldn't interpret the flag argument as a boolean: (expected true, false, 0 or 1)")]
    [InlineData("small=-23.2", "Couldn't interpret the small argument as a number:-23.2")]
    [InlineData("small=1e3", "Couldn't interpret the small argument as a number:1e3")]
    [InlineData("small=0x10", "Couldn't interpret the small argument as a number:0x10")]
    [InlineData("small=\"+4\"", "Couldn't interpret the small argument as a number:+4")]
    [InlineData("small=\"\"", "Couldn't interpret the small argument as a number:")]
    [InlineData("small=\"- 4\"", "Couldn't interpret the small argument as a number:- 4")]
    [InlineData("small=-", "Couldn't interpret the small argument as a number:-")]
    [InlineData("small=2147483648", "Couldn't interpret the small argument as a number:2147483648")]
    [InlineData("large=9223372036854775808", "Couldn't interpret the large argument as a number:9223372036854775808")]
    [InlineData("ratio=a", "Couldn't interpret the ratio argument as a float number:a")]
    [InlineData("ratio=\"\"", "Couldn't interpret the ratio argument as a float number:")]
    [InlineData("ratio=\"1 2\"", "Couldn't interpret the ratio argument as a float number:1 2")]
    [InlineData("ratio=1e", "Couldn't interpret the ratio argument as a float number:1e")]
    [InlineData("ratio=\"1,000\"", "Couldn't interpret the ratio argument as a float number:1,000")]
    [InlineData("ratio=0x", "Couldn't interpret the ratio argument as a float number:0x")]
    [InlineData("type=DT_FLOAT", "Couldn't understand type argument 'DT_FLOAT'")]
    [InlineData("shape=\"\"", "Specificed shape is empty.")]
    [InlineData("shape=\"1,,2\"", "Could parse as shape: '1,,2'")]
    [InlineData("shape=\"+1\"", "Could parse as shape: '+1'")]
    [InlineData("shape=\"?\"", "Could parse as shape: '?'")]
    [InlineData("shape=\"-1,2\"", "The shape '-1,2' has a negative size")]
    [InlineData("shape=\"4294967296,4294967296\"", "The shape '4294967296,4294967296' has more elements than 63 bits can count")]
    [InlineData("rounding=up", "Couldn't interpret the rounding argument as one of half_to_even, down:up")]
    [InlineData("text=a, text=a", "Expected a single 'text' parameter, but found 2 occurrences")]
    [InlineData("small=x, small=y, small=z", "Expected a single 'small' parameter, but found 3 occurrences")]
    [InlineData("size=1, size=x", "Couldn't interpret the size argument as a number:x")]
    public void SaysWhatIsWrongWithAValue(string arguments, string message)
    {
        var result = OptionsBinder.Bind(Call(arguments), typeof(Options), ignoreUnknown: false);

        Assert.Null(result.Options);
        var error = Assert.Single(result.Diagnostics);
        Assert.Equal(message, error.Message);
        Assert.NotNull(error.Span);
        Assert.NotNull(error.Suggestion);
    }

    [Theory]
    [InlineData("smal=1", "Did you mean 'small'?")]
    [InlineData("Text=1", "Did you mean 'text'?")]
    [InlineData("IGNORE_ERRORS=true", "Did you mean 'ignore_errors'?")]
    [InlineData("colour=1", "Its arguments are text,")]
    public void RefusesAnUnknownArgument(string arguments, string suggestion)
    {
        var result = OptionsBinder.Bind(Call(arguments), typeof(Options), ignoreUnknown: false);

        Assert.Null(result.Options);
        var error = Assert.Single(result.Diagnostics);
        Assert.Equal((DslDiagnostics.UnknownArgument.Id, Severity.Error), (error.Id, error.Severity));
        Assert.StartsWith(suggestion, error.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void WarnsOfAnUnknownArgumentThatIsIgnored()
    {
        var result = OptionsBinder.Bind(Call("x=1, x=2, text=a"), typeof(Options), ignoreUnknown: true);

        Assert.Equal("a", Assert.IsType<Options>(result.Options).Text);
        Assert.Equal(Severity.Warning, Assert.Single(result.Diagnostics).Severity);
    }

    [Fact]
    public void ChecksRequiredArguments()
    {
        var bound = OptionsBinder.Bind(Call("old=a, new=b, node=c"), typeof(RequiredOptions), ignoreUnknown: false);
        var options = Assert.IsType<RequiredOptions>(bound.Options);
        Assert.Equal(("a", "b", "c"), (options.Old, options.New, options.Nodes.Single()));

        var missing = OptionsBinder.Bind(Call("ignore_errors=true"), typeof(RequiredOptions), ignoreUnknown: false);
        Assert.Null(missing.Options);
        Assert.Equal(["rename_op expects exactly one 'old' and 'new' argument", "f needs the argument 'node'"], missing.Diagnostics.Select(diagnostic => diagnostic.Message));

        var repeated = OptionsBinder.Bind(Call("old=a, old=b, node=c"), typeof(RequiredOptions), ignoreUnknown: false);
        Assert.Equal("rename_op expects exactly one 'old' and 'new' argument", Assert.Single(repeated.Diagnostics).Message);
    }

    [Theory]
    [InlineData(typeof(PositionalOptions), "constructor without parameters")]
    [InlineData(typeof(UnsupportedOptions), "which no argument can have")]
    public void NamesWhatIsWrongWithAnOptionsRecord(Type type, string reason)
    {
        var error = Assert.Throws<InvalidOperationException>(() => OptionsBinder.Bind(Call(""), type, ignoreUnknown: false));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReportsAValueThatThePropertyRefuses()
    {
        Assert.Equal(2, ((CheckedOptions)OptionsBinder.Bind(Call("steps=2"), typeof(CheckedOptions), ignoreUnknown: false).Options!).Steps);

        var result = OptionsBinder.Bind(Call("steps=0"), typeof(CheckedOptions), ignoreUnknown: false);
        Assert.Null(result.Options);
        var error = Assert.Single(result.Diagnostics);
        Assert.Equal((DslDiagnostics.BadValue.Id, "steps must be positive"), (error.Id, error.Message));
    }

    [Fact]
    public void BindsNoOptions() => Assert.IsType<NoOptions>(OptionsBinder.Bind(Call(""), typeof(NoOptions), ignoreUnknown: false).Options);

    [Fact]
    public void DescribesAnOptionsRecord()
    {
        var schema = OptionsSchema.Of(typeof(Options)).ToDictionary(option => option.Name);

        Assert.Equal(13, schema.Count);
        Assert.Equal(new OptionDescription("text", "string", "none", false, false, "Some text."), schema["text"]);
        Assert.Equal(new OptionDescription("flag", "bool", "false", false, false, "A flag."), schema["flag"]);
        Assert.Equal(new OptionDescription("type", "type", "float", false, false, "An element type."), schema["type"]);
        Assert.Equal(new OptionDescription("shape", "shape", null, false, false, "A shape."), schema["shape"]);
        Assert.Equal(new OptionDescription("rounding", "half_to_even|down", "half_to_even", false, false, "How to round."), schema["rounding"]);
        Assert.Equal(new OptionDescription("op", "string", null, false, true, "Ops."), schema["op"]);
        Assert.Equal(new OptionDescription("size", "int", "1, 2", false, true, "Sizes."), schema["size"]);
        Assert.Equal(new OptionDescription("old", "string", null, true, false, "Old name."), OptionsSchema.Of(typeof(RequiredOptions))[0]);
    }

    private static Options Bind(string arguments)
    {
        var result = OptionsBinder.Bind(Call(arguments), typeof(Options), ignoreUnknown: false);
        Assert.Empty(result.Diagnostics);
        return Assert.IsType<Options>(result.Options);
    }

    private static TransformCall Call(string arguments) => ScriptParser.Parse(arguments.Length == 0 ? "f" : $"f({arguments})").Script!.Calls.Single();
}
