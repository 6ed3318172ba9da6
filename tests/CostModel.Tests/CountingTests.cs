namespace TinyAI.CostModel.Tests;

/// <summary>Executed operations of methods small enough to count by hand.</summary>
public class CountingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void A_loop_executes_its_body_as_often_as_it_turns(int n)
    {
        (Execution run, object? result) = Sample.Run(
            "public static int Dot(sbyte[] a, sbyte[] b, int n) { int sum = 0; for (int i = 0; i < n; i++) sum += a[i] * b[i]; return sum; }",
            "Dot", Enumerable.Repeat((sbyte)3, 1000).ToArray(), Enumerable.Repeat((sbyte)-5, 1000).ToArray(), n);
        Assert.Equal(-15 * n, result);
        Assert.Equal(2 * n, run["ldelem.i1"]);
        Assert.Equal(n, run["mul.i4"]);
        Assert.Equal(2 * n, run["add.i4"]);
        Assert.Equal(n + 1, run["compare-branch"]);
        Assert.Equal(1, run["ret"]);
        Assert.Equal(0, run["mul.i8"] + run["add.i8"]);
    }

    [Fact]
    public void Sixty_four_bit_arithmetic_is_told_from_thirty_two_bit_by_its_operands()
    {
        (Execution run, object? result) = Sample.Run(
            "public static long Mix(long a, int b) { long c = a * b + a; int d = b * b - b; return ((c >> 3) & 0xFFFFL) + (d >> 1) + (d & 1); }", "Mix", 1000L, 7);
        Assert.Equal((((1000L * 7 + 1000) >> 3) & 0xFFFFL) + ((7 * 7 - 7) >> 1) + ((7 * 7 - 7) & 1), result);
        Assert.Equal((1, 1), (run["mul.i8"], run["mul.i4"]));
        Assert.Equal((3, 0), (run["add.i8"], run["add.i4"]));
        Assert.Equal((1, 0), (run["sub.i4"], run["sub.i8"]));
        Assert.Equal((1, 1), (run["shift.i8"], run["shift.i4"]));
        Assert.Equal((1, 1), (run["and.i8"], run["and.i4"]));
    }

    [Theory]
    [InlineData("sbyte", "1")]
    [InlineData("byte", "1")]
    [InlineData("short", "2")]
    [InlineData("int", "4")]
    [InlineData("long", "8")]
    public void Array_accesses_are_classed_by_the_width_of_the_element(string type, string width)
    {
        (Execution run, _) = Sample.Run($"public static int Copy() {{ {type}[] a = new {type}[4]; a[1] = a[2]; a[3] = a[1]; return a.Length; }}", "Copy");
        Assert.Equal((2, 2, 1, 1), (run["ldelem.i" + width], run["stelem.i" + width], run["newarr"], run["ldlen"]));
    }

    [Fact]
    public void Calls_are_classed_by_how_they_are_dispatched()
    {
        const string members = """
            public interface IShape { int Area(); }
            public class Square : IShape { public int Side; public virtual int Twice() { return 2 * Side; } public int Once() { return Side; } public int Area() { return Side * Side; } }
            static int Static(int a) { return a; }
            public static int Calls() { var s = new Square(); s.Side = 3; IShape i = s; System.Func<int> f = s.Once; return Static(1) + Static(2) + s.Once() + s.Twice() + i.Area() + f() + System.Math.Abs(-1); }
            """;
        (Execution run, object? result) = Sample.Run(members, "Calls");
        Assert.Equal(1 + 2 + 3 + 6 + 9 + 3 + 1, result);
        Assert.Equal((2, 1, 1, 1, 1), (run["call.static"], run["call.instance"], run["call.virtual"], run["call.interface"], run["call.delegate"]));
        // Math.Abs and the constructor of Object, which Square's calls.
        Assert.Equal(2, run["call.external"]);
        Assert.Equal(2, run["newobj"]);
    }

    [Fact]
    public void Switches_loops_and_handlers_give_what_they_gave_before_and_are_counted_by_path()
    {
        const string members = """
            public static int Walk(int n)
            {
                int sum = 0;
                for (int i = 0; i < n; i++)
                {
                    switch (i % 4) { case 0: sum += 1; break; case 1: sum += 10; continue; case 2: sum -= 3; break; case 3: sum ^= 5; break; }
                    try { if (i % 5 == 0) throw new System.InvalidOperationException(); sum *= 3; }
                    catch (System.InvalidOperationException) { sum++; }
                    finally { sum &= 0xFFFFFF; }
                    while (sum > 100000) sum /= 7;
                }
                return sum;
            }
            """;
        int expected = 0;
        for (int i = 0; i < 60; i++)
        {
            switch (i % 4) { case 0: expected += 1; break; case 1: expected += 10; continue; case 2: expected -= 3; break; case 3: expected ^= 5; break; }
            if (i % 5 == 0) expected++;
            else expected *= 3;
            expected &= 0xFFFFFF;
            while (expected > 100000) expected /= 7;
        }

        (Execution run, object? result) = Sample.Run(members, "Walk", 60);
        Assert.Equal(expected, result);
        Assert.Equal(60, run["switch"]);
        Assert.Equal(Enumerable.Range(0, 60).Count(i => i % 4 != 1 && i % 5 == 0), run["throw"]);
    }

    [Fact]
    public void Structs_fields_and_statics_are_classed_apart()
    {
        (Execution run, object? result) = Sample.Run(
            "public struct P { public int X; } public class C { public int X; } static int s_x = 4; public static int Fields(C c) { P p; p.X = 1; c.X = p.X + s_x; return c.X; } public static int Go() { return Fields(new C()); }", "Go");
        Assert.Equal(5, result);
        Assert.Equal((2, 1, 1, 1), (run["struct-field"], run["stfld"], run["ldfld"], run["ldsfld"]));
    }

    [Fact]
    public void Every_operation_has_exactly_one_class_so_that_the_sum_over_methods_is_the_whole()
    {
        using DeviceCode code = Sample.Load("static int Half(int a) { return a / 2; } public static int Sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += Half(i); return s; }");
        CostReport report = code.Count(() => code.Type("S").GetMethod("Sum")!.Invoke(null, [100])).Weigh(CostTable.Host);
        Assert.Equal(report.Adds, report.Methods.Sum(m => m.Adds), 6);
        Assert.Equal(100, report.Methods.Single(m => m.Method == "S.Half").Calls);
        Assert.Equal(1, report.Methods.Single(m => m.Method == "S.Sum").Calls);
        Assert.Equal(report.Adds * CostTable.Host.NanosecondsPerAdd, report.Nanoseconds, 6);
        // Half: ldarg, ldc, div, ret.
        CostTable t = CostTable.Host;
        Assert.Equal(100 * (t["ldarg"] + t["ldc"] + t["div.i4"] + t["ret"]), report.Methods.Single(m => m.Method == "S.Half").Adds, 6);
    }

    [Fact]
    public void A_second_count_starts_from_nothing()
    {
        using DeviceCode code = Sample.Load("public static int Twice(int a) { return a + a; }");
        Execution Once() => code.Count(() => code.Type("S").GetMethod("Twice")!.Invoke(null, [1]));
        Assert.Equal(1, Once()["add.i4"]);
        Assert.Equal(1, Once()["add.i4"]);
    }
}
