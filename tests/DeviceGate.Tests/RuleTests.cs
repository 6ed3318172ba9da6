using TinyAI.DeviceGate.Rules;

namespace TinyAI.DeviceGate.Tests;

/// <summary>Each rule catches a small source that breaks it, and names it.</summary>
public class RuleTests
{
    [Theory]
    [InlineData(Rule.Generics, "class Box<T> { T value; public T Get() { return value; } }")]
    [InlineData(Rule.Generics, "static class A { public static int Twice<T>(T x) { return 2; } public static int B() { return Twice(1); } }")]
    [InlineData(Rule.MultiDimensionalArray, "static class A { public static int[,] F; }")]
    [InlineData(Rule.MultiDimensionalArray, "static class A { public static int F() { int[,] x = new int[2, 3]; return x[1, 1]; } }")]
    [InlineData(Rule.UnsupportedOpcode, "static unsafe class A { public static int F(int n) { int* p = stackalloc int[n]; return p[0]; } }")]
    [InlineData(Rule.UnsupportedOpcode, "static unsafe class A { public static int F(delegate*<int, int> f) { return f(1); } }")]
    [InlineData(Rule.Pointer, "static unsafe class A { public static int F(byte[] b) { fixed (byte* p = b) return p[0]; } }")]
    [InlineData(Rule.Pointer, "unsafe class A { int* p; }")]
    [InlineData(Rule.FloatingPoint, "static class A { public static int F(int x) { return (int)(x * 0.5f); } }")]
    [InlineData(Rule.FloatingPoint, "static class A { public static int F(int x) { return (int)(x * 0.5); } }")]
    [InlineData(Rule.FloatingPoint, "class A { double[] field; }")]
    [InlineData(Rule.FloatingPoint, "static class A { public static void F(ref float x) { } }")]
    public void A_source_that_cannot_run_is_caught_by_name(string rule, string source)
    {
        List<Finding> findings = Gate.Check(NanoCompiler.CompileText(source));
        Assert.Contains(findings, f => f.Rule == rule);
    }

    [Fact]
    public void A_sound_source_has_no_findings()
    {
        const string source =
            """
            namespace Sound
            {
                public interface IShape { int Area(ref int unit); }
                public class Square : IShape
                {
                    private readonly sbyte[][] _rows = new sbyte[2][];
                    public int Area(ref int unit) { try { return _rows.Length * unit; } catch (System.Exception e) when (e.Message == "x") { return 0; } }
                }
            }
            """;
        Assert.Empty(Gate.Check(NanoCompiler.CompileText(source)));
    }

    [Fact]
    public void A_floating_point_test_assembly_is_let_through_when_asked()
    {
        const string source = "static class A { public static int F(int x) { return (int)(x * 0.5f); } }";
        Assert.Empty(Gate.Check(NanoCompiler.CompileText(source), allowFloat: true));
    }

    [Fact]
    public void An_unknown_member_of_the_class_library_is_a_compiler_error()
    {
        const string source = "static class A { public static string F(string s) { return s.Replace('a', 'b'); } }";
        Assert.Contains("Replace", Assert.Throws<NanoCompilationException>(() => NanoCompiler.CompileText(source)).Message);
    }

    [Fact]
    public void Too_much_IL_too_many_locals_and_too_much_array_data_are_caught()
    {
        string adds = string.Concat(Enumerable.Range(0, 5000).Select(i => $"x = x * {i + 1000} ^ y;"));
        string large = $"static class A {{ public static int F(int x, int y) {{ {adds} return x; }} }}";
        Assert.Contains(Gate.Check(NanoCompiler.CompileText(large)), f => f.Rule == Rule.Size && f.Where == "A.F");
        string many = string.Concat(Enumerable.Range(0, 5).Select(i => $"static class A{i} {{ public static int F(int x, int y) {{ {adds[..(adds.Length / 3 / 8 * 8)].TrimEnd("xy=*^ 0123456789".ToCharArray())} return x; }} }}"));
        Assert.Contains(Gate.Check(NanoCompiler.CompileText(many)), f => f.Rule == Rule.Size && f.What.Contains("of IL"));
        string locals = string.Concat(Enumerable.Range(0, 300).Select(i => $"int a{i} = x + {i}; if (a{i} > y) y = a{i} * x;"));
        string uses = string.Join('+', Enumerable.Range(0, 300).Select(i => $"a{i}"));
        string wide = $"static class A {{ public static int F(int x, int y) {{ {locals} return y + {uses}; }} }}";
        Assert.Contains(Gate.Check(NanoCompiler.CompileText(wide)), f => f.Rule == Rule.Size && f.What.Contains("locals"));
        string data = string.Join(',', Enumerable.Range(0, 70000).Select(i => i % 100 + 1));
        string array = $"static class A {{ public static byte[] F() {{ return new byte[] {{ {data} }}; }} }}";
        Assert.Contains(Gate.Check(NanoCompiler.CompileText(array)), f => f.Rule == Rule.Size && f.What.Contains("array data"));
    }

    [Theory]
    [InlineData(255, 0)]
    [InlineData(256, 1)]
    public void A_switch_of_more_cases_than_a_byte_counts_is_caught(int cases, int findings)
    {
        string text = string.Concat(Enumerable.Range(0, cases).Select(i => $"case {i}: return {i * i % 1000};"));
        List<Finding> found = Gate.Check(NanoCompiler.CompileText($"static class A {{ public static int F(int x) {{ switch (x) {{ {text} default: return -1; }} }} }}"));
        Assert.Equal(findings, found.Count(f => f.Rule == Rule.Size && f.What.Contains("cases")));
    }

    [Theory]
    [InlineData("static class A { static readonly sbyte[] W = { 1, 2, 3, 4 }; public static int F() { return W[1]; } }", Rule.StaticArray, "A.W")]
    [InlineData("static class A { static int G(int x) { return x + 1; } public static int F(int n) { int s = 0; for (int i = 0; i < n; i++) s = G(s); return s; } }", Rule.CallInInnerLoop, "A.F")]
    [InlineData("static class A { static int G(int x) { return x + 1; } public static int F(int n) { int s = 0; do { s = G(s); } while (s < n); return s; } }", Rule.CallInInnerLoop, "A.F")]
    [InlineData("static class A { static int G(int x) { return x + 1; } public static int F(int n) { int s = 0; for (int j = 0; j < n; j++) { for (int i = 0; i < n; i++) s += i; } while (s > 0) { if (s > 5) s -= G(s); else s--; } return s; } }", Rule.CallInInnerLoop, "A.F")]
    public void A_kernel_that_costs_too_much_is_caught_by_name(string source, string rule, string where)
    {
        List<Finding> findings = Gate.CheckKernels(NanoCompiler.CompileText(source));
        Assert.Contains(findings, f => f.Rule == rule && f.Where == where);
    }

    [Theory]
    [InlineData("static class A { static int G(int x) { return x + 1; } public static int F(int n) { int s = 0; for (int j = 0; j < n; j++) { s = G(s); for (int i = 0; i < n; i++) s += i; } return s; } }")]
    [InlineData("static class A { static int G(int x) { return x + 1; } public static int F(int n) { int s = G(n); for (int i = 0; i < n; i++) { if (i > 100) throw new System.Exception(\"\" + G(i)); s += i; } return s; } }")]
    public void A_call_outside_innermost_loops_or_on_the_way_to_a_throw_is_free(string source) =>
        Assert.Empty(Gate.CheckKernels(NanoCompiler.CompileText(source)));

    [Theory]
    [InlineData("public void Run() { x = new int[3]; }", "newarr")]
    [InlineData("public void Run() { o = new A(); }", "newobj")]
    [InlineData("public void Run() { o = 5; }", "box")]
    [InlineData("public void Run() { s = s + \"x\"; }", "Concat")]
    [InlineData("public void Run() { Inner(); } void Inner() { x = new int[3]; }", "newarr")]
    [InlineData("public void Run() { i.Do(); } class B : I { int[] y; public void Do() { y = new int[3]; } }", "newarr")]
    public void An_allocation_anywhere_below_is_caught(string members, string what)
    {
        string source = $"interface I {{ void Do(); }} class A {{ int[] x; object o; string s; I i; {members} }}";
        List<Finding> findings = Gate.CheckAllocations([NanoCompiler.CompileText(source)], "A", "Run");
        Assert.Contains(findings, f => f.Rule == Rule.Allocation && f.What.Contains(what));
    }

    [Fact]
    public void An_allocation_on_the_way_to_a_throw_is_free()
    {
        const string source = "class A { int n; public void Run() { if (n > 3) throw new System.Exception(\"too many: \" + n + (n > 9 ? \"!\" : \"\")); n++; } }";
        Assert.Empty(Gate.CheckAllocations([NanoCompiler.CompileText(source)], "A", "Run"));
    }
}
