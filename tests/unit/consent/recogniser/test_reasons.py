"""A stop word with which a message begins, and what stands beside it: a reason, an object, or praise."""

import pytest

from school_dialer.consent.replies.opt_out import recognise

REASONS = """STOP her dad handles this
stop my ex takes care of it
STOP mom has custody now
STOP my kids graduated
STOP su papá se encarga
PARAR mi esposo se encarga
ALTO ya no vive aqui
停 他爸爸负责
停止 孩子爸爸处理
退订 他妈妈管
توقف والدها يتولى هذا
قف والده مسؤول
DỪNG bố cháu xử lý
Dừng ba cháu lo việc này
стоп її тато цим займається
СТОП ми переїхали
стоп он уже окончил школу
стоп папа занимается
STOP tato się tym zajmuje
stop jej ojciec się tym zajmuje
nres nws txiv tswj
stop son père s'en occupe
parar a mãe dele resolve
stop papa li okipe sa
중지 아빠가 처리해요
रुको उसके पिता देखते हैं
стоп чоловік отримує
STOP मेरे पति को मिलते हैं
STOP vợ tôi nhận rồi
parar meu marido recebe
توقف نحن انتقلنا
停止 我们搬家了
END we changed schools
QUIT my son is in college now"""
ORDINARY = """sair às 2 para o dentista
rete lakay jodi a, li malad
Kanpe devan lekòl la a 3è
chega de bullying na escola
parem a briga no recreio
остановите драку на перемене
зупиніть бійку на перерві
dość przemocy w szkole
كفى تنمرا في المدرسة
nres ntawm lub tsev"""
OBJECTS = """Stop her from leaving early
stop her brother from hitting my son
Please stop him at the door
stop the kids running in the hall
stop the bus
STOP sign on Elm was knocked down
parar el autobus en mi casa
Зупиніть його біля дверей
зупиніть автобус
停车场在哪里
停课了吗
أوقفوا الحافلة
остановите его у дверей
Zatrzymajcie autobus
зупиніть мого сина біля воріт
zatrzymajcie mojego syna przy bramie
end of year party, what time?
quit the choir, can he still come?"""
PRAISE = """Stop it, you're too kind!
Stop! That is amazing news
stop it! this is adorable
oh stop, you made my day
Stop, you're making me blush!
STOP!! so cute
Ya basta, me haces llorar de felicidad
¡Basta! Qué lindo
停，你太好了！
توقف، أنت لطيف جدا!
Przestań, jesteś za miły!
Годі, ви такі добрі!
thôi, cô tốt quá!"""
CLEAR = """STOP
STOP, thank you
STOP. Thanks for everything
Stop. I said stop
stop it
STOP!! I told you already
Stop. I'm not interested
Stop! This is harassment
Stop, I am blocking you
STOP. No more messages"""


@pytest.mark.parametrize("text", REASONS.splitlines())
def test_a_stop_word_with_a_reason_stops(text):
	assert recognise(text).opt_out


@pytest.mark.parametrize("text", ORDINARY.splitlines())
def test_a_word_that_means_other_things_too_stops_nothing_when_it_goes_on(text):
	assert not recognise(text).opt_out


@pytest.mark.parametrize("text", OBJECTS.splitlines())
def test_what_the_school_should_stop_is_no_opt_out(text):
	assert not recognise(text).opt_out


@pytest.mark.parametrize("text", PRAISE.splitlines())
def test_praise_is_never_a_certain_stop(text):
	said = recognise(text)
	assert said.review or not said.opt_out


@pytest.mark.parametrize("text", CLEAR.splitlines())
def test_a_stop_with_thanks_or_a_complaint_stays_certain(text):
	said = recognise(text)
	assert said.opt_out and not said.review
