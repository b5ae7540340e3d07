using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl;

/// <summary>The diagnostics of scripts: <c>TFX00xx</c> of their syntax, <c>TFX10xx</c> of the arguments of calls.</summary>
public static class DslDiagnostics
{
    private const string ExpectedButFound = "expected {0}, but found {1}";

    public static readonly DiagnosticDescriptor TransformNameExpected = new("TFX0001", Severity.Error, "Name of a transform expected", ExpectedButFound)
    {
        Cause = "Where a call begins there is no name: names are letters, digits and underscores, with the plugin's name and :: before them where two plugins offer one name.",
        Remedy = "Write the name of a transform there; 'transform_graph list' shows them all.",
        ExampleCommands = "echo '(op=Identity)' | transform_graph lint -",
    };

    public static readonly DiagnosticDescriptor ArgumentNameExpected = new("TFX0002", Severity.Error, "Name of an argument expected", ExpectedButFound)
    {
        Cause = "Between parentheses, or after a comma, there is neither an argument nor the closing parenthesis.",
        Remedy = "Write name=value there, or close the list.",
        ExampleCommands = "echo 'remove_nodes(=Identity)' | transform_graph lint -",
    };

    public static readonly DiagnosticDescriptor EqualsSignExpected = new("TFX0003", Severity.Error, "Equals sign expected", ExpectedButFound)
    {
        Cause = "An argument has a name and no value.",
        Remedy = "Write name=value.",
        ExampleCommands = "echo 'remove_nodes(op Identity)' | transform_graph lint -",
    };

    public static readonly DiagnosticDescriptor ValueExpected = new("TFX0004", Severity.Error, "Value expected", ExpectedButFound)
    {
        Cause = "Behind the equals sign there is no value.",
        Remedy = "Write the value; an empty text, or one with blanks or commas, goes between double quotes.",
        ExampleCommands = "echo 'remove_nodes(op=)' | transform_graph lint -",
    };

    public static readonly DiagnosticDescriptor UnclosedQuote = new("TFX0005", Severity.Error, "Quote is not closed", "the quote that opens here is never closed")
    {
        Cause = "A value begins with a double quote, and the script ends before the next one.",
        Remedy = "Close the value. A quote inside a value is written \\\".",
        ExampleCommands = "echo 'remove_nodes(op=\"Identity)' | transform_graph lint -",
    };

    /// <summary>Argument: the transform.</summary>
    public static readonly DiagnosticDescriptor UnclosedArgumentList = new("TFX0006", Severity.Error, "List of arguments is not closed", "the argument list of '{0}' is not closed: expected ')', but found the end of the script")
    {
        Cause = "The script ends inside the parentheses of a call. The original tool dropped such a call in silence.",
        Remedy = "Close the list with ).",
        ExampleCommands = "echo 'remove_nodes(op=Identity' | transform_graph lint -",
    };

    /// <summary>Arguments: the number of bytes, the largest number that is read.</summary>
    public static readonly DiagnosticDescriptor ScriptTooLarge = new("TFX0007", Severity.Error, "Script is too large", "the script has {0:N0} bytes; at most {1:N0} are read")
    {
        Cause = "The file is larger than any script; it probably is a model.",
        Remedy = "Give the script's file. A script that really is this long can be split into several runs.",
        ExampleCommands = """
            head -c 2000000 /dev/zero | tr '\0' ' ' > model.pb
            transform_graph lint model.pb
            """,
    };

    /// <summary>Argument: the name of the script's argument.</summary>
    public static readonly DiagnosticDescriptor TypographicQuote = new("TFX0008", Severity.Warning, "Typographic quotes", "the value of '{0}' is in typographic quotes")
    {
        Cause = "A text program has replaced the plain quotes. They are taken for plain ones here; the original tool does not read them.",
        Remedy = "Write plain double quotes.",
        ExampleCommands = "echo 'remove_nodes(op=“Identity”)' | transform_graph lint -",
    };

    /// <summary>Argument: the name of the script's argument.</summary>
    public static readonly DiagnosticDescriptor StrayQuote = new("TFX0009", Severity.Warning, "Stray quote", "the quote after the value of '{0}' is ignored")
    {
        Cause = "A value without an opening quote ends with a quote.",
        Remedy = "Remove the quote, or add the one before the value.",
        ExampleCommands = "echo 'remove_nodes(op=Identity\")' | transform_graph lint -",
    };

    /// <summary>Arguments: the transform, the argument.</summary>
    public static readonly DiagnosticDescriptor UnknownArgument = new("TFX1001", Severity.Error, "Unknown argument", "{0} has no argument '{1}'")
    {
        Cause = "The transform does not take an argument of that name.",
        Remedy = "'transform_graph describe NAME' shows the arguments; the message suggests the nearest one.",
        ExampleCommands = "echo 'remove_nodes(ops=Identity)' | transform_graph lint -",
    };

    /// <summary>Argument: the sentence that says what is missing.</summary>
    public static readonly DiagnosticDescriptor MissingArgument = new("TFX1002", Severity.Error, "Missing argument", "{0}")
    {
        Cause = "The transform needs an argument that the call does not give.",
        Remedy = "Add it; the message says its name, its type and what it is for.",
        ExampleCommands = "echo 'rename_node(old_node_name=a)' | transform_graph lint -",
    };

    /// <summary>Argument: the sentence that says what is repeated.</summary>
    public static readonly DiagnosticDescriptor RepeatedArgument = new("TFX1003", Severity.Error, "Argument given several times", "{0}")
    {
        Cause = "The argument takes one value, and the call gives several.",
        Remedy = "Keep one of them.",
        ExampleCommands = "echo 'round_weights(num_steps=8, num_steps=16)' | transform_graph lint -",
    };

    /// <summary>Argument: the sentence that says what is wrong with the value.</summary>
    public static readonly DiagnosticDescriptor BadValue = new("TFX1004", Severity.Error, "Value of the wrong kind", "{0}")
    {
        Cause = "The value is not of the argument's type.",
        Remedy = "'transform_graph describe NAME' shows the type.",
        ExampleCommands = "echo 'round_weights(num_steps=many)' | transform_graph lint -",
    };

    /// <summary>Arguments: the transform, the argument.</summary>
    public static readonly DiagnosticDescriptor UnknownArgumentIgnored = new("TFX1005", Severity.Warning, "Unknown argument ignored", "{0} has no argument '{1}'; it is ignored")
    {
        Cause = "With --verbatim, classic transforms take no notice of unknown arguments, as the original tool does.",
        Remedy = "Correct the name, or leave the argument out.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "transform_graph --verbatim --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='sort_by_execution_order(order=name)'",
    };

    /// <summary>Argument: the value.</summary>
    public static readonly DiagnosticDescriptor BadIgnoreErrors = new("TFX1006", Severity.Error, "ignore_errors is neither true nor false", "ignore_errors should be true or false, found {0}")
    {
        Cause = "The argument ignore_errors, which every transform takes, has another value.",
        Remedy = "Write ignore_errors=true to go on with the unchanged graph when the transform fails.",
        ExampleCommands = "echo 'fold_constants(ignore_errors=yes)' | transform_graph lint -",
    };
}
