using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TransformFramework.Documentation.Tests;

/// <summary>Every C# block of the pages for users compiles; those that are programs run.</summary>
public sealed class CodeBlockTests
{
    private static readonly string[] Pages =
    [
        "docs/getting-started/program.md", "docs/getting-started/plugin.md", "docs/getting-started/device.md",
        "Abstractions/PACKAGE.md", "Dsl/PACKAGE.md", "Host/Engine/PACKAGE.md", "Host/Extensions/PACKAGE.md", "Host/MachineLearning/PACKAGE.md", "Host/Runtime/PACKAGE.md", "Tests/Testing/PACKAGE.md",
    ];

    /// <summary>What the SDK uses implicitly.</summary>
    private const string ImplicitUsings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];

    public static TheoryData<string, int> Blocks
    {
        get
        {
            var blocks = new TheoryData<string, int>();
            foreach (string page in Pages)
            {
                for (int i = 0; i < Checkout.Blocks(page, "csharp").Count(); i++)
                    blocks.Add(page, i);
            }
            return blocks;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_block_compiles(string page, int block)
    {
        string text = Checkout.Blocks(page, "csharp").ElementAt(block);
        CSharpCompilation compilation = Compile(text);
        Assert.Equal([], compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => $"{diagnostic.Location.GetLineSpan().StartLinePosition} {diagnostic.GetMessage()}"));
    }

    [Fact]
    public void The_page_of_the_test_kit_runs()
    {
        using var assembly = new MemoryStream();
        Assert.True(Compile(Checkout.Blocks("Tests/Testing/PACKAGE.md", "csharp").Single()).Emit(assembly).Success);
        MethodInfo main = Assembly.Load(assembly.ToArray()).EntryPoint!;
        main.Invoke(null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
    }

    private static CSharpCompilation Compile(string text)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        SyntaxTree tree = CSharpSyntaxTree.ParseText(text, options);
        bool isProgram = tree.GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>().Any();
        return CSharpCompilation.Create("block", [tree, CSharpSyntaxTree.ParseText(ImplicitUsings, options)], References, new(isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }
}
