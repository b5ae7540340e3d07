using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Syntax;

/// <summary>What parsing gave: a script, possibly with warnings, or null and the error that stopped it.</summary>
public sealed record ParseResult(Script? Script, ImmutableArray<Diagnostic> Diagnostics);
